"""The measured claims. Each module here has a `measure()` and is run by `make bench NAME=its-name`."""
