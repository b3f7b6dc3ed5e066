# The measurements, a file each; everything.py lists them.
