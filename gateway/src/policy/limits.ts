/**
 * Every bound of the policy engine, in one place (I15). Over a bound is a load error that names the place, or, where
 * only the data can tell, a rule error: it then counts as matched if the rule denies or requires (P3).
 */
export const LIMITS = {
  files_max: 500,
  file_bytes_max: 262_144,
  total_bytes_max: 4_194_304,
  /** Sub-folders below the policy folder. */
  folder_depth_max: 8,
  yaml_nodes_max: 100_000,
  rules_max: 10_000,
  /** Errors reported for one load; the rest are counted. */
  problems_max: 100,
  id_chars_max: 80,
  about_chars_max: 300,
  where_values_max: 1_000,
  where_value_chars_max: 300,
  condition_chars_max: 16_384,
  condition_nodes_max: 2_000,
  condition_depth_max: 24,
  list_literal_max: 1_000,
  call_arguments_max: 4,
  /** `all`, `exists`, `filter` … inside one another. */
  loops_deep_max: 2,
  /** Loop turns (weighted by what each turn reads) one condition may take on one evaluation. */
  loop_turns_max: 200_000,
  regex_chars_max: 1_000,
  regex_program_max: 10_000,
  /** Longest text `re2` searches. */
  regex_text_chars_max: 65_536,
  /** Characters times instructions of the pattern: what a search may cost where no automaton fits. */
  regex_work_max: 4_000_000,
  approve_entries_max: 10,
  alternatives_max: 8,
  stages_max: 5,
  seat_count_max: 20,
  within_ms: { min: 10_000, max: 30 * 86_400_000 },
  valid_ms: { min: 1_000, max: 86_400_000 },
  uses_max: 1_000,
  grant_ms: { min: 60_000, max: 30 * 86_400_000 },
  grant_uses_max: 10_000,
  tests_max: 20_000,
} as const;

export const DEFAULTS = {
  within_ms: 3_600_000,
  valid_ms: 600_000,
  uses: 1,
  count: 1,
  proof: 'session',
  risk: 'low',
} as const;
