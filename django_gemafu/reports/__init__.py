"""What the operator reads: figures computed in the database. Nothing here changes anything."""
