"""What energy managers type about meters, feeds and files of readings."""
