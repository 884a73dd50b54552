-- Who holds an address. It belongs to the live claimant that ranks first by (verified, version, user id); the
-- others' email is null. Whoever changes a claim, or its rank, holds the lock of the address until it commits,
-- so at every commit this is a function of the latest claims.

-- Locks what the changes touch, until the transaction ends: users and messages first, then addresses.
create function clerk.lock_for_changes(changes clerk.change []) returns void
language plpgsql volatile
security invoker
set search_path = ''
set enable_seqscan = off
as $$
declare
    -- Classes of our advisory locks, in the two-integer key space. Arbitrary; clerk.lift_tombstone() uses them too.
    name_locks constant integer := 1664525;
    address_locks constant integer := 1664526;
    user_ids text [];
    names text [];
    addresses text [];
begin
    select array_agg(user_id), array_agg(user_id) || array_agg(message_id) into user_ids, names from unnest(changes);

    perform pg_advisory_xact_lock(name_locks, bucket)
    from (
        select distinct hashtext(name) & 1023 as bucket
        from unnest(names) as list (name)
        where name is not null
        order by 1
    ) as buckets;

    select array_agg(lower(address)) into addresses
    from (
        select email from unnest(changes)
        union all
        select email_address from clerk.users where user_id = any (user_ids)
    ) as claims (address);

    perform pg_advisory_xact_lock(address_locks, bucket)
    from (
        select distinct hashtext(address) & 1023 as bucket
        from unnest(addresses) as list (address)
        where address is not null
        order by 1
    ) as buckets;
end
$$;

revoke all on function clerk.lock_for_changes(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.lock_for_changes(clerk.change []) to service_role;

comment on function clerk.lock_for_changes(clerk.change []) is
'Locks the users and messages that changes name, then every address that those users claim or will claim.';

-- Everyone who claims an address, the one it belongs to first.
create function clerk.rank_claimants(address text) returns text []
language plpgsql stable
security invoker
set search_path = ''
as $$
begin
    return (
        select array_agg(user_id order by email_verified desc, version desc, user_id collate "C" desc)
        from clerk.users
        where lower(email_address) = lower(rank_claimants.address)
    );
end
$$;

revoke all on function clerk.rank_claimants(text) from public, anon, authenticated, service_role;
grant execute on function clerk.rank_claimants(text) to service_role;

comment on function clerk.rank_claimants(text) is 'User ids that claim an address, ranked: the first holds it.';

-- Gives an address that was let go to the claimant that ranks first, if there is one.
create function clerk.give_address(address text, happened_at timestamptz) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    update public.users as visible
    set email = stored.email_address, updated_at = greatest(visible.updated_at, give_address.happened_at)
    from clerk.users as stored
    where stored.user_id = (clerk.rank_claimants(give_address.address)) [1]
        and visible.clerk_user_id = stored.user_id
        and visible.email is distinct from stored.email_address;
end
$$;

revoke all on function clerk.give_address(text, timestamptz) from public, anon, authenticated, service_role;
grant execute on function clerk.give_address(text, timestamptz) to service_role;

comment on function clerk.give_address(text, timestamptz) is 'Writes an address into the row of the claimant that it belongs to.';
