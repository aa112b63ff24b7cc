"""Schema changes, in order. Made by `shiftbell django makemigrations`."""
