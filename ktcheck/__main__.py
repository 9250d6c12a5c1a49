"""``python -m ktcheck``."""

from ktcheck.cli import main

if __name__ == "__main__":
    main()
