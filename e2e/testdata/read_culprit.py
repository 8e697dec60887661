"""Prints what Bugsink takes for the place of the crash in the issue whose id is the argument, as JSON.

It reads the database in the working directory: the web page shows these columns, the API does not.
"""

import json
import sqlite3
import sys
import uuid

row = sqlite3.connect("file:bugsink.sqlite3?mode=ro", uri=True).execute(
    "SELECT last_frame_module, last_frame_function, last_frame_filename FROM issues_issue WHERE id = ?",
    [uuid.UUID(sys.argv[1]).hex],
).fetchone()
json.dump(dict(zip(["module", "function", "filename"], row)), sys.stdout)
