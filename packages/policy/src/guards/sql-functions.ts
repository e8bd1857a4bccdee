/** Functions by name: which do harm, and which are known to do none. */
import type { Finding, SqlVerdict } from './guard-verdict.ts';
import { isPgBuiltin } from './pg-builtins.ts';

type Harm = readonly [RegExp, SqlVerdict, string];

/** First match counts. Names are lower case. */
const harms: readonly Harm[] = [
  [/^pg_(read|stat|write)_.*file/, 'host', 'reads or writes a file of the server'],
  [
    /^pg_(ls_\w*|stat_file|file_\w+|logdir_ls|rotate_logfile\w*|current_logfile)$/,
    'host',
    'reads or writes files of the server',
  ],
  [/^lo_(import|export)$/, 'host', 'reads or writes a file of the server'],
  [/^(lo_(unlink|put|create|creat|from_bytea|truncate\w*|open)|lowrite)$/, 'unbounded_write', 'changes large objects'],
  [/^(dblink\w*|postgres_fdw_\w+|file_fdw_\w+)$/, 'host', 'connects to another server'],
  [
    /^pg_(terminate_backend|cancel_backend|reload_conf|promote|switch_wal|backup_\w+|start_backup|stop_backup)$/,
    'host',
    'acts on the server',
  ],
  [
    /^pg_(create_restore_point|wal_replay_\w+|log_backend_memory_contexts|import_system_collations)$/,
    'host',
    'acts on the server',
  ],
  [/^pg_(\w*replication_(slot|origin)\w*|logical_\w+|replication_slot_advance)$/, 'host', 'acts on replication'],
  [
    /^(pg_hba_file_rules|pg_ident_file_mappings|pg_read_server_files|pg_show_all_file_settings)$/,
    'host',
    'reads files of the server',
  ],
  [/^(query|cursor|table|schema|database)_to_xml\w*$/, 'opaque', 'runs a text or reads a table by name'],
  [
    /^(ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table|plpgsql_call_handler|execute\w*|exec\w*|run_query|json_execute)$/,
    'opaque',
    'may run a text',
  ],
  [/^set_config$/, 'privilege', 'changes a setting by name'],
  [/^(nextval|setval)$/, 'bounded_write', 'moves a sequence'],
  [/^pg_(try_)?advisory\w*$/, 'opaque', 'takes or frees locks'],
  [
    /^pg_(notify|sleep\w*|stat_reset\w*|stat_clear_snapshot|export_snapshot|nextoid)$/,
    'opaque',
    'has an effect beside its answer',
  ],
  [
    /^(brin_\w+_range|brin_summarize_new_values|gin_clean_pending_list|pg_extension_config_dump)$/,
    'opaque',
    'has an effect beside its answer',
  ],
  [/^(binary_upgrade_\w+|pg_stop_making_pinned_objects)$/, 'privilege', 'changes the catalog'],
  [
    /^cron\.|^(schedule|unschedule|schedule_in_database|add_job|http_(get|post|put|delete)|net_http\w*)$/,
    'host',
    'acts outside of the database',
  ],
  [
    /^(load_file|sys_(exec|eval|get|set)|load_extension|writefile|readfile|edit|fts3_tokenizer|lib_mysqludf\w*)$/,
    'host',
    'reaches outside of the database',
  ],
  [
    /^(sleep|benchmark|get_lock|release_lock|release_all_locks|is_used_lock|master_pos_wait|source_pos_wait|last_insert_id_set)$/,
    'opaque',
    'has an effect beside its answer',
  ],
  [/^(openrowset|opendatasource|openquery|openxml)$/, 'host', 'reaches another server or a file'],
  [/^(xp_\w+|sp_oa\w+|sp_configure|sp_addextendedproc|sp_add_job\w*|sp_start_job)$/, 'host', 'runs on the server'],
  [/^sp_\w+$/, 'opaque', 'is a stored procedure'],
  [/^(dbms_\w+|utl_\w+|httpuritype|external_query)$/, 'host', 'reaches outside of the database'],
  [
    /^(url|file|s3\w*|remote\w*|executable|mysql|postgresql|odbc|jdbc|hdfs\w*|azureblobstorage\w*|read_(csv|parquet|json|text|blob)\w*)$/,
    'host',
    'reaches outside of the database',
  ],
  [/^(system|shell|exec|cmd|eval|execute)(\$\w+)?$/, 'opaque', 'may run a text'],
];

/** Functions of other databases that change nothing, and words of SQL that look like calls. */
const others = `
ifnull isnull nvl nvl2 iff if nullif zeroifnull nullifzero coalesce greatest least decode choose
concat concat_ws group_concat string_agg listagg array_agg json_agg json_arrayagg json_objectagg json_object_agg xmlagg
substr substring substring_index mid left right locate instr charindex patindex position find_in_set field elt format
lower upper lcase ucase initcap trim ltrim rtrim lpad rpad repeat replicate reverse space replace insert translate stuff
ascii char nchar unicode ord hex unhex bin oct conv length len char_length character_length octet_length bit_length
datalength quote quotename soundex difference strcmp regexp_like regexp_replace regexp_instr regexp_substr regexp_count
regexp_contains regexp_extract regexp_extract_all rlike like glob_match to_base64 from_base64 base64_encode
base64_decode base64_decode_string try_base64_decode_string hex_encode hex_decode_string
md5 sha sha1 sha2 sha256 sha512 crc32 hash hashbytes checksum binary_checksum farm_fingerprint to_hex from_hex
abs ceil ceiling floor round truncate trunc mod power pow sqrt square exp ln log log2 log10 sign pi sin cos tan cot asin
acos atan atan2 atn2 degrees radians rand random randomblob zeroblob uniform newid newsequentialid uuid uuid_string
generate_uuid uuid_to_bin bin_to_uuid is_uuid
now sysdate current_date current_time current_timestamp curdate curtime localtime localtimestamp utc_date utc_time
utc_timestamp getdate getutcdate sysdatetime sysutcdatetime sysdatetimeoffset unix_timestamp from_unixtime
date time timestamp datetime date_add date_sub adddate subdate addtime subtime datediff timediff timestampdiff
timestampadd dateadd date_trunc datetrunc date_diff datetime_diff timestamp_diff datetime_trunc timestamp_trunc
datetime_add datetime_sub timestamp_add timestamp_sub time_add time_sub time_diff time_trunc extract datepart datename
date_part date_bucket eomonth last_day next_day add_months months_between makedate maketime from_days to_days
to_seconds sec_to_time time_to_sec period_add period_diff year quarter month week weekofyear yearweek day dayofmonth
dayofweek dayofyear weekday dayname monthname hour minute second microsecond date_format time_format str_to_date
strftime julianday unixepoch timediff_big format_date format_datetime format_timestamp parse_date parse_datetime
parse_timestamp datefromparts datetimefromparts datetime2fromparts timefromparts date_from_parts timestamp_from_parts
time_slice timestamp_seconds timestamp_millis timestamp_micros unix_seconds unix_millis unix_micros unix_date
date_from_unix_date to_timestamp to_timestamp_ntz to_timestamp_tz to_timestamp_ltz try_to_timestamp to_date
try_to_date to_time to_char to_varchar to_number to_decimal to_double to_boolean to_json to_json_string to_variant
to_object to_array to_xml to_binary try_to_number try_to_decimal try_to_boolean convert_timezone convert_tz
at_timezone switchoffset todatetimeoffset timezone
cast try_cast safe_cast convert try_convert parse try_parse typeof pg_typeof sql_variant_property
count sum avg min max total stddev stddev_pop stddev_samp variance var_pop var_samp var stdev stdevp varp median mode
any_value approx_count_distinct approx_quantiles approx_top_count approx_percentile percentile_cont percentile_disc
countif sumif logical_and logical_or bool_and bool_or bit_and bit_or bit_xor bit_count count_big count_if booland_agg
boolor_agg corr covar_pop covar_samp checksum_agg grouping grouping_id min_by max_by arg_min arg_max
row_number rank dense_rank ntile lag lead first_value last_value nth_value percent_rank cume_dist ratio_to_report
json_extract json_extract_scalar json_extract_array json_extract_path_text json_value json_query json_array json_object
json_contains json_contains_path json_keys json_length json_depth json_type json_valid json_unquote json_quote
json_search json_set json_insert json_replace json_remove json_merge json_merge_patch json_merge_preserve json_each
json_tree json_table json_pretty json_overlaps json_array_length json_array_append json_patch json_group_array
json_group_object json isjson openjson parse_json try_parse_json get_path get flatten object_construct
object_keys object_agg object_insert object_delete array_construct array_size array_length array_contains array_slice
array_to_string array_concat array_reverse array_append array_cat array_compact array_distinct array_position
generate_array generate_date_array generate_timestamp_array generate_series unnest explode posexplode lateral split
split_part strtok strtok_to_array string_split string_to_array starts_with startswith ends_with endswith contains
contains_substr strpos editdistance jarowinkler_similarity edit_distance normalize code_points_to_string to_code_points
safe_divide safe_add safe_subtract safe_multiply div0 div0null ieee_divide is_nan is_inf isnan isinf range_bucket
struct array map row_to_json offset ordinal safe_offset safe_ordinal
database schema user current_user session_user system_user version connection_id last_insert_id row_count found_rows
inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4 is_ipv6 changes total_changes last_insert_rowid sqlite_version
sqlite_source_id likelihood likely unlikely printf nullif db_name db_id object_id object_name schema_name schema_id
suser_sname suser_name user_name user_id host_name app_name serverproperty databasepropertyex col_length col_name
columnproperty objectproperty index_col indexproperty ident_current scope_identity isnumeric isdate error_message
error_number current_database current_schema current_role current_warehouse current_account current_version
has_perms_by_name is_member is_srvrolemember fn_helpcollations xact_state rowcount_big parsename
st_distance st_distance_sphere st_contains st_within st_intersects point polygon match against fulltextcatalogproperty
freetext containstable freetexttable values interval exists in any some all over and or not on using as when then else
case by select from where having limit top with recursive union except intersect between is distinct filter within
partition order group rollup cube sets set rows range tablesample sample pivot unpivot qualify window returning
bigint int integer smallint tinyint decimal numeric float real double varchar nvarchar char nchar text binary varbinary
approx_distinct approx_quantile approx_top_k arbitrary arg_max_null arg_min_null array_concat_agg array_construct_compact
array_except array_first array_flatten array_generate_range array_insert array_intersect array_intersection array_join array_last
array_max array_min array_union_agg array_unique_agg arrays_overlap arrays_zip base64 base64_decode_binary bit_get bit_not
bitmap_bit_position bitmap_bucket_number bitmap_construct_agg bitmap_count bitmap_or_agg bitwise_and_agg bitwise_or_agg
bitwise_xor_agg booland boolnot boolor boolxor boolxor_agg byte_length charset check_json check_xml code_points_to_bytes
collate collect_list collect_set compress count_evens current_account_name current_datetime current_ip_address current_region
current_session current_timezone date_parse datediff_big day_of_month day_of_week day_of_year dayofweekiso days_between
decompress decompress_binary decompress_string dow doy epoch equal_null error_line findnth float64 format_number format_time from_base
from_iso8601_date from_iso8601_timestamp from_json from_utc_timestamp from_utf8 get_json_object getbit
greatest_ignore_nulls hash_agg hll iif int64 is_array is_null_value isodow json_array_contains json_array_insert json_exists
json_extract_string_array json_format json_parse json_value_array kurtosis last_day_of_month lax_bool lax_float64 lax_int64
lax_string least_ignore_nulls linestring map_cat map_contains_key map_delete map_from_arrays map_from_entries map_insert
map_keys map_values map_pick map_size element_at cardinality md5_binary md5_hex md5_number_lower64 md5_number_upper64 member of minhash
minhash_combine months next normalize_and_casefold object_construct_keep_null one parse_bignumeric parse_numeric
parse_time parse_url percentile_approx previous_day quantile_cont quantile randstr reduce regexp_full_match regexp_split
regexp_substr_all regr_valx regr_valy round_even row rtrimmed_length safe_convert_bytes_to_string safe_negate
schema_of_json search seq1 seq2 seq4 seq8 sequence sha2_binary sha2_hex signum size skew skewness sort_array soundex_p123
split_to_array split_to_map standard_hash str_to_map strptime strtol sys_connect_by_path sys_context systimestamp time_from_parts
timeadd timestampadd timestamp_ltz_from_parts timestamp_ntz_from_parts timestamp_tz_from_parts timestampfromparts to_decfloat
to_geography to_geometry to_numeric to_unixtime to_utc_timestamp to_utf8 try try_add try_divide try_hex_decode_string
try_multiply try_strptime try_subtract try_to_binary try_to_double try_to_numeric try_to_time unbase64 variance_pop
vector_cosine_similarity vector_inner_product vector_l1_distance vector_l2_distance week_of_year weekiso with_timezone
xmlelement xmlget yearofweek yearofweekiso zipf tostring tofloat64 todate todatetime toyear tomonth tostartofday tostartofhour
tostartofmonth uniq uniqexact groupuniqarray grouparray quantiles topk argmin argmax countif sumif avgif arraymap arrayfilter arrayjoin
has hasany formatdatetime datetrunc parsedatetime match_condition match_recognize repeatable seed include_null_values root
within_group ignore_nulls contains_key list_value list_contains list_transform list_filter list_sort list_aggregate struct_pack
struct_extract unpivot strlen prefix suffix regexp_matches regexp_split_to_array epoch_ms make_date make_timestamp dayname
monthname age to_days to_hours
bit datetime2 datetimeoffset number string value nodes query exist apply index key use force ignore nolock
`;

let otherNames: ReadonlySet<string> | undefined;

export function isKnownElsewhere(name: string): boolean {
  otherNames ??= new Set(others.trim().split(/\s+/));
  return otherNames.has(name);
}

/**
 * What calling a function means; undefined: nothing. `isPg`: names of other databases are unknown. A schema other than
 * `pg_catalog` makes the function somebody's own.
 */
export function judgeFunction(
  name: string,
  schema: string | undefined,
  isPg: boolean,
): Finding<SqlVerdict> | undefined {
  const harm = harms.find(([pattern]) => pattern.test(name));
  if (harm !== undefined) {
    const [, verdict, reason] = harm;
    return { verdict, reason: `a function ${reason}` };
  }
  const isCatalog = schema === undefined || /^(pg_catalog|information_schema|safe|sys)$/.test(schema);
  if (isCatalog && (isPgBuiltin(name) || (!isPg && isKnownElsewhere(name)))) return undefined;
  return { verdict: 'opaque', reason: 'a function that is not known' };
}
