-- name: stored_tables
-- Every table that does not belong to an extension, with its number of rows.
-- out: name (schema-qualified unless public), row_count; one row a table or partition,
--      by name.  Counts exactly, so it reads every table once.
SELECT
  CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
  CAST(CAST((xpath('/row/n/text()', query_to_xml(
    format('SELECT count(*) AS n FROM %I.%I', n.nspname, c.relname), FALSE, TRUE, ''
  )))[1] AS text) AS bigint) AS row_count
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY name
