-- Retention of the ledger. Correctness rests on versions and tombstones, not on the ledger: a message that is
-- delivered again after its row has gone is stale, and changes nothing.

create function clerk.prune_messages(older_than interval) returns bigint
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    pruned bigint;
begin
    delete from clerk.messages where received_at < now() - prune_messages.older_than;
    get diagnostics pruned = row_count;
    return pruned;
end
$$;

revoke all on function clerk.prune_messages(interval) from public, anon, authenticated, service_role;

comment on function clerk.prune_messages(interval) is
'Removes ledger rows that are older; returns how many. For the database''s owner only, such as a pg_cron job.';
