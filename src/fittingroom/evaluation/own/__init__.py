"""`fittingroom eval DIR`: engines measured side by side on somebody's own photos, and a report of it.

The rest of `evaluation` develops the engine `drape` on a known folder of photos; here the photos, and the engines, are
anybody's. Pairs are read (cases), dressed and measured (runs, measuring), kept so that a run can go on (kept), counted
(statistics) and told (report). Invariant: photos, and pictures made from them, are written only below the folder that
the caller names for them, and every figure in the report is also in results.json.
"""
