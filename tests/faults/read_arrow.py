"""Compares an Arrow file with the CSV of the same table: read_arrow.py TABLE.arrow TABLE.csv. Exit status 77: no pyarrow."""

import csv
import sys

try:
    import pyarrow as pa
except ImportError:
    sys.exit(77)

with pa.ipc.open_file(sys.argv[1]) as file:
    table = file.read_all()
table.validate(full=True)
with open(sys.argv[2], newline="") as file:
    header, *rows = csv.reader(file)

fields = [table.schema.field(i) for i in range(table.num_columns)]
units = [(f.metadata or {}).get(b"unit", b"").decode() for f in fields]
names = [f.name + (f" [{u}]" if u else "") for f, u in zip(fields, units)]
assert names == header, (names, header)
assert table.num_rows == len(rows), (table.num_rows, len(rows))


def text(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


kinds = set()
for c, field in enumerate(fields):
    kinds.add("dictionary" if pa.types.is_dictionary(field.type) else str(field.type))
    for r, value in enumerate(table.column(c).to_pylist()):
        want = rows[r][c]
        if pa.types.is_float64(field.type):
            assert value == (float(want) if want else None), (field.name, r, value, want)
        else:
            assert text(value) == want, (field.name, r, value, want)
print(table.num_rows, *sorted(kinds))
