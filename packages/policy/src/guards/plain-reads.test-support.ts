/** Reads as people write them: every shape with several tables and columns. */

const tables = [
  'users',
  'public.orders',
  'app.line_items AS li',
  '"Order Details"',
  'events e',
  'warehouse.public.stock',
  'a JOIN b USING (id)',
];
const columns = ['*', 'id, name', 'count(*)', 'DISTINCT status', "coalesce(name, 'none') AS name, lower(email)"];
const tails = [
  '',
  ' WHERE id = 42',
  " WHERE status IN ('open', 'paid') AND total > 10.5",
  " WHERE created_at >= now() - interval '7 days' ORDER BY created_at DESC LIMIT 20 OFFSET 40",
  " WHERE name LIKE 'a%' OR email IS NULL",
  " WHERE note = 'please delete from users where id = 1'",
  ' GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC',
  ' WHERE id = (SELECT max(id) FROM events) -- the last one',
];

const shapes = tables.flatMap((table) =>
  columns.flatMap((column) => tails.map((tail) => `SELECT ${column} FROM ${table}${tail}`)),
);

const others = `
SELECT date_trunc('day', created_at) AS day, sum(total) FROM orders GROUP BY 1
SELECT u.id, o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = 5
SELECT a.id FROM a FULL OUTER JOIN b ON a.id = b.id WHERE b.id IS NULL
SELECT * FROM a, b WHERE a.id = b.id
SELECT id FROM a UNION ALL SELECT id FROM b EXCEPT SELECT id FROM c
SELECT row_number() OVER (PARTITION BY a ORDER BY b DESC) AS n FROM t
SELECT lag(x) OVER w FROM t WINDOW w AS (ORDER BY y)
SELECT CASE WHEN a > 5 THEN 'big' ELSE 'small' END FROM t
SELECT cast(a AS integer), extract(year FROM d) FROM t
SELECT substring(a FROM 1 FOR 3), position('x' IN a), trim(both ' ' FROM a) FROM t
SELECT round(avg(x), 2), min(x), max(x), stddev(x) FROM t
SELECT string_agg(name, ', ' ORDER BY name) FROM t
SELECT to_char(d, 'YYYY-MM-DD'), age(d) FROM t
SELECT replace(a, 'b', 'c'), concat(a, '-', b), length(a), md5(a) FROM t
SELECT * FROM information_schema.columns WHERE table_name = 'users'
SELECT json_agg(t) FROM (SELECT * FROM users LIMIT 5) t
SELECT jsonb_array_elements(doc->'items')->>'name' FROM docs
SELECT * FROM t WHERE a BETWEEN 1 AND 10 AND b NOT IN (SELECT b FROM s)
SELECT * FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.id = t.id)
SELECT current_user, current_date, current_timestamp, version()
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b
EXPLAIN SELECT * FROM users WHERE id = 1
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t
SELECT greatest(a, b), least(a, b), nullif(a, 0), abs(a), ceil(b) FROM t
SELECT update_count, insert_time, deleted, created FROM grants WHERE drop_reason IS NOT NULL
SELECT * FROM call_log WHERE load > 5 AND copy = 'yes'
VALUES (1, 'a'), (2, 'b')
`;

export const readTexts: readonly string[] = [...shapes, ...others.trim().split('\n')];
