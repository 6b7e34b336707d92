"""Arithmetic of metering on plain values and arrays."""
