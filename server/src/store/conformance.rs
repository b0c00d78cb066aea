//! What every store does, told once and run against each: memory, SQLite, and SQLite behind group commit.
//!
//! Owns the list of stories. What only SQLite or only group commit promises has tests of its own, below it.

mod absences;
mod arrivals;
mod bench;
mod commits;
mod data;
mod deliveries;
mod devices;
mod differential;
mod erasures;
mod file;
mod finding;
mod group;
mod lists;
mod office;
mod oversight;
mod rounds;
mod snapshots;
mod standings;

use std::sync::Arc;

use super::group::GroupCommit;
use super::memory::MemoryStore;
use data::Folder;

macro_rules! suite {
    ($($module:ident::$story:ident),+ $(,)?) => {
        mod in_memory {
            use super::*;
            $(#[tokio::test]
            async fn $story() {
                $module::$story(&MemoryStore::default()).await;
            })+
        }
        mod in_sqlite {
            use super::*;
            $(#[tokio::test]
            async fn $story() {
                let folder = Folder::new();
                $module::$story(&folder.open().await).await;
            })+
        }
        mod in_sqlite_by_groups {
            use super::*;
            $(#[tokio::test]
            async fn $story() {
                let folder = Folder::new();
                $module::$story(&GroupCommit::new(Arc::new(folder.open().await))).await;
            })+
        }
    };
}

suite! {
    commits::a_new_document_is_made_once,
    commits::a_version_is_won_once,
    commits::a_loser_keeps_nothing_and_the_others_are_kept,
    commits::a_push_of_a_device_that_was_shut_out_is_lost,
    commits::two_commits_of_one_document_in_a_batch_are_in_order,
    commits::the_feed_is_gapless_in_each_district,
    commits::since_gives_what_is_after,
    commits::all_of_a_row_comes_back,
    commits::many_changes_keep_their_order,
    commits::an_empty_batch_is_nothing,
    commits::commands_are_answered_once,
    commits::a_refused_change_is_kept_once,
    devices::a_grant_lives_until_its_purge,
    devices::a_device_holds_what_it_makes,
    devices::what_was_told_in_full_stands_once_it_is_stored,
    devices::an_overtaken_session_writes_nothing,
    devices::held_is_of_the_documents_named,
    devices::announcements_are_answered_or_lapse,
    devices::checkouts_end,
    devices::a_code_enrols_once,
    devices::a_device_has_sessions_prefixes_and_an_end,
    devices::devices_are_listed_by_district,
    devices::accounts_are_one_a_person,
    arrivals::a_file_arrives_once_and_can_be_forgotten,
    devices::people_are_numbered,
    devices::settings_are_replaced,
    finding::rows_are_found_by_tags_in_each_order_page_by_page,
    finding::words_are_found_and_what_was_there_before_is_not,
    finding::what_is_due_within_a_span_is_found_and_counted,
    finding::what_nobody_has_filed_is_filed_once,
    finding::what_answers_is_gathered_once_and_tells_narrower_answers,
    lists::conflicts_are_listed_urgent_first_then_by_age,
    lists::lists_are_newest_first_and_filtered,
    lists::a_list_begins_again_where_its_place_is_gone,
    lists::a_first_sync_has_what_is_urgent_or_due_before_the_rest,
    lists::documents_wake_in_order,
    lists::quarantine_is_listed_newest_first,
    absences::absences_last_until_they_end,
    deliveries::deliveries_are_added_once_and_due_until_they_end,
    deliveries::what_arrived_long_ago_is_forgotten,
    deliveries::what_was_decided_is_read_between_two_rows_of_the_feed,
    lists::all_documents_are_walked_in_order,
    rounds::rounds_are_listed_by_their_time_and_change_with_their_document,
    office::a_review_is_won_once,
    office::the_journal_is_read_backwards,
    office::a_refused_change_is_answered_once,
    office::a_person_changes_and_keeps_the_number,
    office::a_device_leaves_and_is_held_back,
    office::a_repeated_request_has_its_first_answer,
    standings::a_case_stands_as_its_last_decision_by_the_cut_off_says,
    standings::a_decision_of_an_earlier_time_that_comes_later_stands_from_its_own_time,
    standings::cohorts_are_by_registration_and_by_any_value_in_question,
    standings::what_is_confined_counts_for_those_inside,
    snapshots::a_cold_document_is_its_snapshot_and_what_came_after,
    snapshots::a_damaged_change_can_be_put_right,
    erasures::everything_of_an_erased_document_goes_and_nothing_of_another,
    oversight::the_board_counts_open_cases_outside_compartments,
    oversight::a_ledger_lists_what_the_board_counts_the_longest_due_first,
    oversight::a_population_is_what_was_closed_in_a_period,
    oversight::tallies_are_by_who_handled_it,
    oversight::repeats_clusters_and_claims_are_found,
    oversight::a_picture_under_two_cases_is_found,
    oversight::acts_are_numbered_and_read_by_kind_and_topic,
}
