package dev.wirebrook.events.duckdb;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The functions that queries may call, by how large their results are. A function that is not
 * listed is refused, so a new version of the engine adds none by itself.
 */
final class QueryFunctions {
    /** How the size of a function's result depends on its arguments. */
    enum Growth {
        /** A number, a time, a truth value or a short text, whatever the arguments are. */
        SMALL,
        /** As large as the largest argument at most. */
        LARGEST,
        /** As large as all arguments together. */
        SUM,
        /** As all arguments together, twice: an escape or an entry of a list for each part. */
        DOUBLE,
        /** Up to eight times the arguments. */
        EIGHT,
        /** A list with an entry for every part of the argument. */
        PARTS,
        /** The first argument once for each element of the others. */
        SELECTED,
        /** The first argument's elements, each through a lambda. */
        LAMBDA,
        /** One value folded over a list by a lambda. */
        FOLD,
        /** A format with places for the arguments. */
        FORMAT,
        /** Measured by {@link QueryBudget} before it runs. */
        MEASURED,
        /** Collects a whole group into one value. */
        COLLECTED
    }

    private static final Map<String, Growth> FUNCTIONS = new HashMap<>();

    private static void add(Growth growth, String names) {
        for (String name : names.strip().split("\\s+")) {
            FUNCTIONS.put(name, growth);
        }
    }

    static {
        add(
                Growth.SMALL,
                """
                + - * / // % ** ^ & | ~ << >> @ !__postfix xor <-> <=> <@ @> && ^@
                = != < > <= >= ~~ ~~* !~~ !~~* ~~~ like_escape ilike_escape not_like_escape
                not_ilike_escape add subtract multiply divide mod fmod fdiv abs sign signbit
                acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh cot degrees radians
                even exp factorial floor gamma lgamma gcd greatest_common_divisor lcm binom
                least_common_multiple isfinite isinf isnan ln log log10 log2 nextafter pi pow power
                round round_even roundbankers sin sinh sqrt tan tanh trunc random
                bit_count bit_length bit_position get_bit ascii ord unicode length len strlen
                char_length character_length octet_length length_grapheme array_length
                json_array_length cardinality contains prefix suffix starts_with ends_with instr
                strpos position regexp_matches regexp_full_match hamming mismatches
                jaccard hash md5 md5_number md5_number_lower md5_number_upper sha1 sha256 chr
                typeof pg_typeof get_type can_cast_implicitly constant_or_null
                age century date_diff date_part date_sub date_trunc datediff datepart datesub
                datetrunc day dayname dayofmonth dayofweek dayofyear decade epoch epoch_ms epoch_ns
                epoch_us era hour isodow isoyear julian last_day make_date make_time make_timestamp
                make_timestamp_ms make_timestamp_ns make_timestamptz microsecond millennium
                millisecond minute month monthname nanosecond normalized_interval quarter second
                strptime try_strptime time_bucket timezone timezone_hour timezone_minute
                to_centuries to_days to_decades to_hours to_microseconds to_millennia
                to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks
                to_years week weekday weekofyear year yearweek ago date_add days_in_month
                current_date current_time current_timestamp current_localtime current_localtimestamp
                get_current_time get_current_timestamp now today
                transaction_timestamp current_catalog current_database current_schema current_user
                session_user user current_role version
                gen_random_uuid uuid uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version
                format_bytes formatreadabledecimalsize formatreadablesize parse_formatted_bytes
                pg_size_pretty to_base list_contains list_has array_contains array_has list_has_all
                list_has_any array_has_all array_has_any list_position list_indexof array_position
                array_indexof list_unique array_unique struct_contains struct_has struct_position
                struct_indexof map_contains map_contains_entry map_contains_value
                array_cosine_distance array_cosine_similarity array_distance array_dot_product
                array_inner_product array_negative_dot_product array_negative_inner_product
                list_cosine_distance list_cosine_similarity list_distance list_dot_product
                list_inner_product list_negative_dot_product list_negative_inner_product
                list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor
                list_bool_and list_bool_or list_count list_entropy list_kurtosis list_kurtosis_pop
                list_mad list_median list_product list_sem list_skewness list_stddev_pop
                list_stddev_samp list_sum list_var_pop list_var_samp
                json_contains json_exists json_type json_valid union_tag enum_code
                is_histogram_other_bin
                approx_count_distinct avg mean bit_and bit_or bit_xor bool_and bool_or corr count
                count_if count_star countif covar_pop covar_samp entropy favg fsum geomean
                geometric_mean kahan_sum kurtosis kurtosis_pop mad product regr_avgx regr_avgy
                regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness
                stddev stddev_pop stddev_samp sum sum_no_overflow sumkahan var_pop var_samp variance
                wavg weighted_avg cume_dist dense_rank ntile percent_rank rank rank_dense row_number
                has_any_column_privilege has_column_privilege has_database_privilege
                has_function_privilege has_schema_privilege has_table_privilege
                pg_type_is_visible pg_table_is_visible format_type
                """);
        add(
                Growth.LARGEST,
                """
                lower lcase upper ucase trim ltrim rtrim left right left_grapheme right_grapheme
                substr substring substring_grapheme reverse strip_accents nfc_normalize translate
                overlay decode from_base64 from_hex unhex from_binary unbin url_decode set_bit
                regexp_extract split_part parse_dirname parse_dirpath parse_filename
                array_extract list_extract list_element element_at array_slice list_slice
                struct_extract struct_extract_at map_extract map_extract_value union_extract
                struct_keys struct_values map_keys map_values json_value
                json_normalize json_strip_nulls json_remove json_keys json
                array_pop_back array_pop_front array_reverse list_reverse list_sort array_sort
                list_reverse_sort array_reverse_sort list_distinct array_distinct flatten
                list_intersect array_intersect list_any_value list_first list_last list_max list_min
                list_mode coalesce if ifnull nullif greatest least error alias unnest
                enum_first enum_last enum_range enum_range_boundary
                any_value arbitrary first last max min mode median quantile quantile_cont
                quantile_disc approx_quantile reservoir_quantile arg_max arg_max_null
                arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last argmax argmin max_by
                min_by first_value last_value nth_value lag lead fill
                """);
        add(
                Growth.SUM,
                """
                || concat concat_ws list_concat list_cat array_concat array_cat list_append
                array_append array_push_back list_prepend array_prepend array_push_front
                array_to_string array_to_string_comma_default list_string_agg path_join
                struct_insert struct_update struct_concat union_value
                """);
        add(
                Growth.DOUBLE,
                """
                hex to_hex to_base64 base64 list_value list_pack array_value row struct_pack
                map map_concat map_entries map_from_entries list_zip array_zip list_grade_up
                array_grade_up grade_up list_where array_where list_histogram
                json_structure json_merge_patch json_deep_merge json_insert json_replace json_set
                variant_extract variant_keys generate_subscripts equi_width_bins
                """);
        add(
                Growth.EIGHT,
                """
                bin to_binary encode url_encode regexp_escape strftime to_json json_quote json_array
                json_object array_to_json row_to_json from_json from_json_strict json_transform
                json_transform_strict
                """);
        add(
                Growth.PARTS,
                """
                string_split str_split split string_to_array string_split_regex str_split_regex
                regexp_split_to_array regexp_split_to_table regexp_extract_all parse_path
                """);
        add(
                Growth.SELECTED,
                """
                list_select array_select json_extract json_extract_path json_extract_path_text
                json_extract_string -> ->>
                """);
        add(
                Growth.LAMBDA,
                """
                list_transform array_transform list_apply array_apply apply list_filter array_filter
                filter list_aggregate array_aggregate list_aggr array_aggr aggregate
                """);
        add(Growth.FOLD, "list_reduce array_reduce reduce");
        add(Growth.FORMAT, "printf format");
        add(
                Growth.MEASURED,
                """
                repeat lpad rpad bar bitstring list_resize array_resize range generate_series
                replace regexp_replace levenshtein editdist3 damerau_levenshtein jaro_similarity
                jaro_winkler_similarity
                """);
        add(
                Growth.COLLECTED,
                """
                string_agg group_concat listagg list array_agg histogram histogram_exact lttb
                approx_top_k json_group_array json_group_object json_group_structure
                bitstring_agg
                """);
    }

    private QueryFunctions() {}

    /** How a function's result grows; null when queries may not call it. */
    static @Nullable Growth growth(String lowerCaseName) {
        return FUNCTIONS.get(lowerCaseName);
    }

    static Set<String> names() {
        return Set.copyOf(FUNCTIONS.keySet());
    }
}
