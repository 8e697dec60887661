// The file is empty: it lets functions have no body.
