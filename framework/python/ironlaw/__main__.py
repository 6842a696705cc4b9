"""The program, as the package carries it: `ironlaw solve ...`, or `python -m ironlaw solve ...`."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Becomes the program."""
    program = Path(__file__).parent / "bin" / "ironlaw"
    if not program.exists():
        sys.exit(f"ironlaw: {program} is not there: this is not an installed package")
    os.execv(program, [str(program), *sys.argv[1:]])


if __name__ == "__main__":
    main()
