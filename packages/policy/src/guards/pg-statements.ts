/** PostgreSQL statements whose verdict does not depend on what is in them. */
import type { SqlVerdict } from './guard-verdict.ts';

const byVerdict: readonly (readonly [SqlVerdict, string])[] = [
  ['read', 'VariableShowStmt FetchStmt ClosePortalStmt DeallocateStmt ListenStmt UnlistenStmt ConstraintsSetStmt'],
  ['read', 'SelectStmt DeclareCursorStmt PrepareStmt ReturnStmt PLAssignStmt'],
  ['bounded_write', 'InsertStmt NotifyStmt LockStmt VacuumStmt'],
  ['opaque', 'CallStmt CheckPointStmt'],
  ['unbounded_write', 'TruncateStmt'],
  [
    'ddl',
    'CreateStmt CreateTableAsStmt AlterTableStmt DropStmt IndexStmt ViewStmt RuleStmt CreateTrigStmt CreateSeqStmt',
  ],
  ['ddl', 'AlterSeqStmt RenameStmt CommentStmt CreateSchemaStmt CreateDomainStmt CreateEnumStmt CompositeTypeStmt'],
  ['ddl', 'CreateRangeStmt DefineStmt AlterEnumStmt AlterDomainStmt AlterFunctionStmt CreateCastStmt'],
  ['ddl', 'CreateConversionStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt AlterObjectSchemaStmt'],
  ['ddl', 'AlterObjectDependsStmt CreateStatsStmt AlterStatsStmt ClusterStmt ReindexStmt RefreshMatViewStmt'],
  ['ddl', 'CreatedbStmt AlterDatabaseStmt AlterDatabaseSetStmt AlterDatabaseRefreshCollStmt DropdbStmt'],
  ['ddl', 'CreateTransformStmt AlterTSDictionaryStmt AlterTSConfigurationStmt AlterTypeStmt AlterOperatorStmt'],
  ['ddl', 'AlterCollationStmt AlterTableMoveAllStmt CreatePublicationStmt AlterPublicationStmt CreateEventTrigStmt'],
  ['ddl', 'AlterEventTrigStmt CreateFunctionStmt'],
  ['privilege', 'GrantStmt GrantRoleStmt CreateRoleStmt AlterRoleStmt AlterRoleSetStmt DropRoleStmt'],
  ['privilege', 'AlterDefaultPrivilegesStmt DropOwnedStmt ReassignOwnedStmt AlterOwnerStmt SecLabelStmt'],
  ['privilege', 'CreatePolicyStmt AlterPolicyStmt'],
  ['host', 'LoadStmt AlterSystemStmt CreateExtensionStmt AlterExtensionStmt AlterExtensionContentsStmt CreateAmStmt'],
  ['host', 'CreateTableSpaceStmt DropTableSpaceStmt AlterTableSpaceOptionsStmt CreateForeignTableStmt'],
  ['host', 'ImportForeignSchemaStmt CreateFdwStmt AlterFdwStmt CreateForeignServerStmt AlterForeignServerStmt'],
  ['host', 'CreateUserMappingStmt AlterUserMappingStmt DropUserMappingStmt CreateSubscriptionStmt'],
  ['host', 'AlterSubscriptionStmt DropSubscriptionStmt CreatePLangStmt'],
];

export const fixedVerdicts: ReadonlyMap<string, SqlVerdict> = new Map(
  byVerdict.flatMap(([verdict, tags]) => tags.split(' ').map((tag) => [tag, verdict] as const)),
);

/** Settings of a session that change how answers look or how fast they come, not what may be done. */
export const harmlessSetting =
  /^(timezone|datestyle|intervalstyle|client_encoding|application_name|client_min_messages|log_\w+|statement_timeout|lock_timeout|idle_\w+|transaction_timeout|work_mem|maintenance_work_mem|temp_buffers|hash_mem_multiplier|enable_\w+|\w+_cost|\w+_page_cost|cpu_\w+|effective_\w+|jit\w*|max_parallel_\w+|min_parallel_\w+|parallel_\w+|debug_\w+|force_parallel_mode|plan_cache_mode|geqo\w*|from_collapse_limit|join_collapse_limit|random_page_cost|seq_page_cost|default_statistics_target|constraint_exclusion|cursor_tuple_fraction|extra_float_digits|bytea_output|xmlbinary|xmloption|standard_conforming_strings|backslash_quote|escape_string_warning|quote_all_identifiers|array_nulls|transform_null_equals|search_path|default_text_search_config|gin_\w+|lc_\w+|transaction|transaction_isolation|transaction_read_only|transaction_deferrable|session characteristics|default_transaction_\w+|synchronous_commit|compute_query_id|track_\w+|vacuum_\w+|check_function_bodies|stats_fetch_consistency|wal_compression|commit_delay|deadlock_timeout|recursive_worktable_factor|password_encryption|local|names|seed|createrole_self_grant_none)$/i;

/** Settings that change who one is, or which rules hold. */
export const privilegeSetting =
  /^(role|session_authorization|session_replication_role|row_security|createrole_self_grant|allow_\w+|zero_damaged_pages|ignore_\w+|dynamic_library_path|session_preload_libraries|local_preload_libraries)$/i;
