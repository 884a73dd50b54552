-- Who holds an address. It belongs to the live claimant that ranks first by (verified, version, user id); the
-- others' email is null. Whoever changes a claim, or its rank, holds the lock of the address until it commits,
-- so at every commit this is a function of the latest claims.

-- Locks what the changes touch, until the transaction ends: users and messages first, then addresses. True where no two
-- of the changes touch the same, so that the order among them decides nothing.
create function clerk.lock_for_changes(changes clerk.change []) returns boolean
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    -- Classes of our advisory locks, in the two-integer key space. Arbitrary; clerk.lift_tombstone() uses them too.
    name_locks constant integer := 1664525;
    address_locks constant integer := 1664526;
    address_buckets integer [];
    apart boolean;
begin
    perform pg_advisory_xact_lock(name_locks, bucket)
    from (
        select distinct hashtext(name) & 1023 as bucket
        from unnest(changes) as change
        cross join lateral (values (change.user_id), (change.message_id)) as names (name)
        where name is not null
        order by 1
    ) as buckets;

    -- A hash for a name: where two happen to be equal, the changes are applied one by one, with the same result.
    select
        array_agg(distinct bucket order by bucket) filter (where class = 3),
        count(*) = count(distinct hash)
    into address_buckets, apart
    from unnest(changes) as change
    left join clerk.users as stored on stored.user_id = change.user_id
    cross join lateral (
        values
        (1, change.user_id),
        (2, change.message_id),
        (3, lower(change.email)),
        (3, nullif(lower(stored.email_address), lower(change.email)))
    ) as touched (class, name)
    cross join lateral (select hashtext(name) & 1023 as bucket, hashtextextended(name, class) as hash) as hashed
    where name is not null;

    perform pg_advisory_xact_lock(address_locks, bucket) from unnest(address_buckets) as list (bucket);

    return apart;
end
$$;

revoke all on function clerk.lock_for_changes(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.lock_for_changes(clerk.change []) to service_role;

comment on function clerk.lock_for_changes(clerk.change []) is
'Locks the users and messages that changes name, then every address that those users claim or will claim; true where no two touch the same.';

-- Gives addresses that were let go to the claimants that rank first, where there are any.
create function clerk.give_addresses(decided clerk.change []) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    update public.users as visible
    set email = heir.email_address, updated_at = greatest(visible.updated_at, change.happened_at)
    from unnest(decided) as change
    cross join lateral (
        select stored.user_id, stored.email_address
        from clerk.users as stored
        where lower(stored.email_address) = lower(change.left_address)
        order by stored.email_verified desc, stored.version desc, stored.user_id collate "C" desc
        limit 1
    ) as heir
    where visible.clerk_user_id = heir.user_id and visible.email is distinct from heir.email_address;
end
$$;

revoke all on function clerk.give_addresses(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.give_addresses(clerk.change []) to service_role;

comment on function clerk.give_addresses(clerk.change []) is 'Writes addresses that were let go into the rows that they belong to.';
