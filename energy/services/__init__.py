"""Business acts of metering."""
