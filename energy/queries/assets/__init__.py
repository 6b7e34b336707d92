"""Energy assets: their register, the days of what measures them, and the indicators made of those."""
