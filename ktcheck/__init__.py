"""ktcheck: may a Koppeltaal domain that moved from 1.x to 2.0 be approved?"""

__version__ = "0.1.0"
