"""The demo: three parks modelled on what the press reports, with invented enterprises and people."""
