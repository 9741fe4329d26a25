/** The rows of `postgres-cursor`: a number and some text each, made by the server as they are fetched. */
export const MILLION_ROWS = "select g as id, 'row number ' || g as name from generate_series(1, $1::int) g"
