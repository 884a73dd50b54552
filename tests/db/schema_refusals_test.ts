/** Tests users that the adopter's schema refuses, and rows that it keeps: other users are not affected. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { apply, deletion, emails, forget, profile, rows, signIn, T0 } from "../helpers/database/changes.ts";
import { BLOCKING, REFUSING, SECRET_NAME } from "../helpers/database/refusals.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
const { query, script } = database;

const test = testsOf("", async () => {
  await script("rollback");
  await forget(database);
  await script("truncate clerk.kept_events, clerk.refusals");
});

/** Runs a test with a schema that is removed afterwards. */
async function withSchema(plant: string, run: () => Promise<void>): Promise<void> {
  await script(`begin; ${plant}`);
  try {
    await run();
  } finally {
    await script("rollback");
  }
}

async function asService<T>(sql: string, parameters: readonly unknown[] = []): Promise<T> {
  await script("set role service_role");
  try {
    return (await query(`select ${sql} as answer`, parameters))[0]!.answer as T;
  } finally {
    await script("reset role");
  }
}

type Answer = { outcome: string; code?: string; detail?: Record<string, string> };
const answers = (...changes: unknown[]) =>
  asService<Answer[]>("public.apply_clerk_changes($1::jsonb)", [JSON.stringify(changes)]);
type Listed = { user_id: string; type: string; code: string; detail: unknown; attempts: number };
const refusals = () => asService<Listed[]>("public.list_clerk_refusals('', 100)");
const ledger = (messageId: string) =>
  query("select outcome::text, code, detail from clerk.messages where message_id = $1", [messageId]);
const person = (id: string, version: number, overrides = {}) =>
  profile(id, version, { email: `${id}@x.com`, username: id, ...overrides });
/** Requires that a call raises. The error ends the transaction, which the test rolls back. */
async function fails(sqlState: string, ...changes: unknown[]): Promise<void> {
  await script("set role service_role");
  const call = () => query("select public.apply_clerk_changes($1::jsonb)", [JSON.stringify(changes)]);
  assertEquals(((await assertRejects(call, Error)) as { code?: string }).code, sqlState);
}

for (const { name, plant, fix, refused, detail } of REFUSING) {
  test(`apply_clerk_changes() refuses one user for ${name}, and applies the others`, () =>
    withSchema(plant, async () => {
      const bad = person("user_bad", 1, refused);
      const given = [person("user_a", 1), bad, signIn("user_a", 5), person("user_b", 1)];
      const expected = { outcome: "refused", code: "SCHEMA_REFUSED", detail };
      const applied = { outcome: "created" };
      assertEquals(await answers(...given), [applied, expected, { outcome: "updated" }, applied]);
      assertEquals(await ledger(bad.message_id!), [{ outcome: "refused", code: "SCHEMA_REFUSED", detail }]);
      const [listed] = await refusals();
      assertEquals([listed!.user_id, listed!.code, listed!.detail, listed!.attempts], [
        "user_bad",
        "SCHEMA_REFUSED",
        detail,
        1,
      ]);

      assertEquals(await answers(bad), [expected], "it is tried again, and refused again");
      assertEquals((await refusals())[0]!.attempts, 2);
      await script(fix);
      assertEquals(await answers(bad), [applied], "it is applied when the schema is fixed");
      assertEquals([await refusals(), (await ledger(bad.message_id!))[0]!.code], [[], null]);
      assertEquals(Object.keys(await rows(database)).filter((id) => id !== "app_row"), [
        "user_a",
        "user_b",
        "user_bad",
      ]);
    }));

  test(`preview_clerk_changes() foresees the refusal for ${name}`, () =>
    withSchema(plant, async () => {
      const changes = JSON.stringify([person("user_a", 1), person("user_bad", 1, refused)]);
      const foreseen = await asService("public.preview_clerk_changes($1::jsonb)", [changes]);
      assertEquals(foreseen, [{ outcome: "created" }, { outcome: "refused", code: "SCHEMA_REFUSED", detail }]);
      assertEquals([await refusals(), await query("select from clerk.users")], [[], []]);
    }));
}

test("apply_clerk_changes() records no value of a user that the schema refuses", async () => {
  for (const { plant, refused } of REFUSING) {
    await withSchema(plant, async () => {
      await answers(person("user_bad", 1, refused));
      const [kept] = await query(`
        select jsonb_agg(to_jsonb(messages))::text || (select jsonb_agg(to_jsonb(refusals)) from clerk.refusals)::text as text
        from clerk.messages`);
      for (const value of [SECRET_NAME, ...Object.values(refused)]) {
        if (typeof value === "string") assert(!String(kept!.text).includes(value), String(kept!.text));
      }
    });
  }
});

test("apply_clerk_changes() does not mistake a value for a function's name", () =>
  withSchema(
    `create function public.run_it() returns trigger language plpgsql as $$
     begin
       execute format('select 1 / 0 from (select %L) as one', new.first_name);
       return new;
     end $$;
     create trigger run_it before insert on public.users for each row execute function public.run_it()`,
    async () => {
      const [answer] = await answers(person("user_a", 1, { first_name: "x\nPL/pgSQL function hunter2() line 1" }));
      assertEquals(answer!.detail, { sqlstate: "22012", function: "public.run_it" });
    },
  ));

test("apply_clerk_changes() lists the refusal of a fetched user, which has no message", () =>
  withSchema(REFUSING[0]!.plant, async () => {
    const fetched = { type: "user.fetched", message_id: undefined } as const;
    const changes = Array.from({ length: 5 }, (_, index) => person(`user_${index}`, 1, fetched));
    changes[2]!.first_name = SECRET_NAME;
    assertEquals(
      await apply(database, ...changes),
      ["created", "created", "refused SCHEMA_REFUSED", "created", "created"],
    );
    assertEquals((await refusals()).map(({ user_id, type }) => [user_id, type]), [["user_2", "user.fetched"]]);
    assertEquals(await asService("public.clerk_status() -> 'refusals' ->> 'users'"), "1");
  }));

test("list_clerk_refusals() omits a user that a newer profile created or that Clerk deleted", () =>
  withSchema(REFUSING[0]!.plant, async () => {
    const bad = (id: string) => person(id, 1, { first_name: SECRET_NAME });
    await answers(bad("user_a"), bad("user_b"), bad("user_c"));
    assertEquals((await refusals()).map(({ user_id }) => user_id), ["user_a", "user_b", "user_c"]);
    await answers(person("user_a", 2, { first_name: "Ada" }), deletion("user_b", 2));
    assertEquals((await refusals()).map(({ user_id }) => user_id), ["user_c"]);
    assertEquals(await asService("public.list_clerk_refusals('user_c', 10)"), []);
    await script("select clerk.prune_messages('1 day')");
    assertEquals((await query("select user_id from clerk.refusals")).length, 1);
  }));

const PASSING = ["25006", "40001", "40P01", "53100", "53300", "55P03", "58030", "08006"];

test("apply_clerk_changes() raises transient failures, and applies nothing", async () => {
  for (const code of PASSING) {
    const plant = `
      create function public.fail() returns trigger language plpgsql as $$
      begin
        if new.clerk_user_id = 'user_b' then raise exception using errcode = '${code}'; end if;
        return new;
      end $$;
      create trigger fail before insert on public.users for each row execute function public.fail()`;
    await withSchema(plant, async () => {
      await script("savepoint before");
      await fails(code, person("user_a", 1), person("user_b", 1));
      await script("rollback to before; reset role");
      assertEquals([await rows(database), await query("select from clerk.messages")], [{}, []]);
    });
  }
});

test("apply_clerk_changes() raises when the database is read-only", async () => {
  await script("begin; set transaction read only");
  await fails("25006", person("user_a", 1));
  await script("rollback; reset role");
});

test("apply_clerk_changes() raises under an isolation level other than read committed", async () => {
  await script("begin isolation level repeatable read");
  await fails("25001", person("user_a", 1));
  await script("rollback; reset role");
});

for (const { name, plant, refer, fix, detail } of BLOCKING) {
  test(`apply_clerk_changes() deletes a user whose row is kept by ${name}`, () =>
    withSchema(plant, async () => {
      await answers(person("user_gone", 1, { email: "x@x.com", email_verified: true }), person("user_b", 1));
      await answers(person("user_heir", 2, { email: "x@x.com" }), person("user_c", 1));
      const [row] = await query("select id from public.users where clerk_user_id = 'user_gone'");
      await script(refer(row!.id as string));
      const gone = deletion("user_gone", 3);

      const blocked = { outcome: "deleted", code: "DELETE_BLOCKED", detail };
      assertEquals(await answers(deletion("user_b", 3), gone, deletion("user_c", 3)), [
        { outcome: "deleted" },
        blocked,
        { outcome: "deleted" },
      ]);
      const now = await rows(database);
      assertEquals(Object.keys(now), ["user_gone", "user_heir"]);
      assertEquals([now.user_gone!.email, now.user_gone!.deleted_at !== null, now.user_heir!.email], [
        null,
        true,
        "x@x.com",
      ]);
      assertEquals(await ledger(gone.message_id!), [{ outcome: "deleted", code: "DELETE_BLOCKED", detail }]);
      assertEquals(await answers(gone, person("user_gone", 9)), [{ outcome: "duplicate" }, { outcome: "stale" }]);
      assertEquals((await refusals()).map(({ user_id, code }) => [user_id, code]), [["user_gone", "DELETE_BLOCKED"]]);
      assertEquals(await asService("public.clerk_status() -> 'refusals' ->> 'deletions'"), "1");

      const again = { user_id: "user_gone", outcome: "unchanged", code: "DELETE_BLOCKED", detail };
      assertEquals(await asService("public.retry_clerk_deletions(10)"), [again]);
      await script(fix);
      assertEquals(await asService("public.retry_clerk_deletions(10)"), [{ user_id: "user_gone", outcome: "deleted" }]);
      assertEquals([Object.keys(await rows(database)), await refusals()], [["user_heir"], []]);
      assertEquals(await asService("public.retry_clerk_deletions(10)"), []);
    }));
}

test("apply_clerk_changes() writes the tombstone even if a trigger refuses to hide the row, and retries", () =>
  withSchema(
    `create function public.frozen() returns trigger language plpgsql as $$ begin raise exception 'frozen'; end $$;
     create trigger frozen before update or delete on public.users for each row execute function public.frozen()`,
    async () => {
      await answers(person("user_a", 1));
      for (const delete_mode of ["hard", "soft"] as const) {
        const gone = deletion("user_a", 2, { delete_mode });
        const [answer] = await answers(gone);
        const detail = { sqlstate: "P0001", function: "public.frozen" };
        assertEquals(answer, { outcome: "refused", code: "SCHEMA_REFUSED", detail });
        assertEquals((await ledger(gone.message_id!))[0]!.outcome, "refused");
        assertEquals(await apply(database, person("user_a", 9)), ["stale"]);
      }
      await script("drop trigger frozen on public.users");
      assertEquals(await asService("public.retry_clerk_deletions(10)"), [{ user_id: "user_a", outcome: "deleted" }]);
      assertEquals(await rows(database), {});
    },
  ));

test("apply_clerk_changes() hides a row with its address if the address cannot be null", () =>
  withSchema("alter table public.users alter column email set not null", async () => {
    await answers(person("user_a", 1));
    const [answer] = await answers(deletion("user_a", 2, { delete_mode: "soft" }));
    assertEquals([answer!.outcome, answer!.code, answer!.detail?.column], ["deleted", "DELETE_BLOCKED", "email"]);
    assert((await rows(database)).user_a!.deleted_at !== null);
  }));

test("apply_clerk_changes() deletes a user even if the event to keep is refused, and refuses the message", () =>
  withSchema(
    `create function public.refuse_event() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
     create trigger refuse_event before insert on clerk.kept_events for each row execute function public.refuse_event()`,
    async () => {
      await answers(person("user_a", 1));
      const gone = { ...deletion("user_a", 2), data: { id: "user_a" } };
      const [answer] = await answers(gone);
      assertEquals([answer!.code, answer!.detail?.function], ["SCHEMA_REFUSED", "public.refuse_event"]);
      assertEquals(await rows(database), {});
      await script("drop trigger refuse_event on clerk.kept_events");
      assertEquals(await answers(gone), [{ outcome: "unchanged" }]);
      assertEquals((await query("select from clerk.kept_events")).length, 1);
    },
  ));

test("apply_clerk_changes() deletes a user even if the next owner's row refuses the address", () =>
  withSchema(
    "alter table public.users add constraint not_hers check (not (clerk_user_id = 'user_heir' and email = 'x@x.com'))",
    async () => {
      await answers(
        person("user_a", 2, { email: "x@x.com", email_verified: true }),
        person("user_heir", 1, { email: "x@x.com" }),
        person("user_b", 2, { email: "y@x.com" }),
      );
      assertEquals(await apply(database, deletion("user_a", 3)), ["deleted"]);
      assertEquals(await emails(database), { user_b: "y@x.com", user_heir: null });
      const [listed] = await refusals();
      assertEquals([listed!.user_id, listed!.type, (listed!.detail as Record<string, string>).constraint], [
        "user_heir",
        "address",
        "not_hers",
      ]);
      await script("alter table public.users drop constraint not_hers");
      const fetched = person("user_heir", 1, {
        type: "user.fetched",
        message_id: undefined,
        email: "x@x.com",
        event_at: T0 + 9,
      });
      assertEquals([await apply(database, fetched), await refusals()], [["updated"], []]);
    },
  ));

test("apply_clerk_changes() deletes a user even if a deferred constraint refuses the address of the next owner", () =>
  withSchema(
    `create function public.not_hers() returns trigger language plpgsql as $$
     begin
       if new.clerk_user_id = 'user_heir' and new.email is not null then raise exception 'no'; end if;
       return null;
     end $$;
     create constraint trigger not_hers after update on public.users deferrable initially deferred
     for each row execute function public.not_hers()`,
    async () => {
      const x = { email: "x@x.com" };
      await answers(
        person("user_a", 2, { ...x, email_verified: true }),
        person("user_heir", 1, x),
        person("user_b", 2),
      );
      await script("set constraints all deferred");
      const outcomes = await apply(database, deletion("user_a", 3), person("user_b", 3, { username: "bob" }));
      assertEquals(outcomes, ["deleted", "updated"]);
      assertEquals((await refusals()).map(({ user_id, type }) => [user_id, type]), [["user_heir", "address"]]);
    },
  ));

test("apply_clerk_changes() deletes a user even if a deferred constraint refuses the event to keep", () =>
  withSchema(
    `create function public.refuse_event() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
     create constraint trigger refuse_event after insert on clerk.kept_events deferrable initially deferred
     for each row execute function public.refuse_event()`,
    async () => {
      await answers(person("user_a", 1));
      await script("set constraints all deferred");
      const gone = { ...deletion("user_a", 2), data: { id: "user_a" } };
      assertEquals(await apply(database, gone, person("user_b", 1)), ["refused SCHEMA_REFUSED", "created"]);
      assertEquals(Object.keys(await rows(database)), ["user_b"]);
    },
  ));

for (
  const [name, body] of [
    ["skips the update", "return null;"],
    ["undoes the update", "new.deleted_at := null; return new;"],
  ]
) {
  test(`apply_clerk_changes() does not report a row as hidden if a trigger ${name}`, () =>
    withSchema(
      `create function public.keep() returns trigger language plpgsql as $$
       begin
         if tg_op = 'DELETE' then return null; end if;
         ${body}
       end $$;
       create trigger keep before update or delete on public.users for each row execute function public.keep()`,
      async () => {
        await answers(person("user_a", 1));
        assertEquals(await apply(database, deletion("user_a", 2)), ["refused SCHEMA_REFUSED"]);
        await script("drop trigger keep on public.users; savepoint kept");
        assertEquals((await refusals()).map(({ code }) => code), ["SCHEMA_REFUSED"]);
        const again = deletion("user_a", 2, { message_id: undefined, delete_mode: "soft" });
        assertEquals([await apply(database, again), await refusals()], [["deleted"], []]);
        await script("rollback to kept");
        assertEquals(await asService("public.retry_clerk_deletions(10)"), [{ user_id: "user_a", outcome: "deleted" }]);
      },
    ));
}

test("list_clerk_refusals() keeps the newest refused profile even if an older one is refused later", () =>
  withSchema(REFUSING[0]!.plant, async () => {
    const bad = { first_name: SECRET_NAME };
    await answers(person("user_a", 5, bad));
    await answers(person("user_a", 3, bad));
    assertEquals(await apply(database, person("user_a", 4)), ["created"]);
    assertEquals((await refusals()).map(({ user_id }) => user_id), ["user_a"]);
    assertEquals(await apply(database, person("user_a", 6)), ["unchanged"]);
    assertEquals(await refusals(), []);
  }));

test("apply_clerk_changes() refuses one change whose time exceeds every number, and applies the others", async () => {
  const { message_id, ...bad } = person("user_bad", 1);
  for (const [index, time] of ["-1e400", "1e-400", "1e400"].entries()) {
    const odd = { ...bad, message_id: `${message_id}${time}`, event_at: "TIME" };
    const changes = JSON.stringify([person(`user_${index}`, 1), odd]).replace('"TIME"', time);
    const given = await asService<Answer[]>("public.apply_clerk_changes($1::jsonb)", [changes]);
    assertEquals(given, [{ outcome: "created" }, { outcome: "refused", code: "TIME_INVALID" }], time);
  }
});

for (
  const [name, index] of [
    ["a unique index", "create unique index one_name on public.users (username)"],
    ["a unique index in lower case", "create unique index one_name on public.users (lower(username))"],
    ["a unique constraint", "alter table public.users add constraint one_name unique (username)"],
  ]
) {
  test(`a softly deleted user gives up its username if there is ${name}`, () =>
    withSchema(index!, async () => {
      await answers(person("user_a", 1, { username: "ada" }), deletion("user_a", 2, { delete_mode: "soft" }));
      assertEquals(await apply(database, person("user_b", 3, { username: "ada" })), ["created"]);
      const { user_a, user_b } = await rows(database);
      assertEquals([user_a!.username, user_b!.username], [null, "ada"]);
    }));
}

test("a softly deleted user keeps its username if usernames need not be unique", async () => {
  await answers(person("user_a", 1, { username: "ada" }), deletion("user_a", 2, { delete_mode: "soft" }));
  assertEquals((await rows(database)).user_a!.username, "ada");
});

test("a trigger that rewrites addresses does not break users or their claims", () =>
  withSchema(
    `create function public.lower_email() returns trigger language plpgsql as $$
     begin new.email := lower(new.email); return new; end $$;
     create trigger lower_email before insert or update on public.users
     for each row execute function public.lower_email()`,
    async () => {
      await answers(
        person("user_a", 1, { email: "Ada@X.com", email_verified: true }),
        person("user_b", 2, { email: "ADA@x.com" }),
      );
      assertEquals(await emails(database), { user_a: "ada@x.com", user_b: null });
      await answers(deletion("user_a", 3));
      assertEquals(await emails(database), { user_b: "ada@x.com" });
    },
  ));

test("lift_tombstone() removes the refusal of a kept row", () =>
  withSchema(BLOCKING[0]!.plant, async () => {
    await answers(person("user_gone", 1));
    const [row] = await query("select id from public.users");
    await script(BLOCKING[0]!.refer(row!.id as string));
    await answers(deletion("user_gone", 2));
    await script("select clerk.lift_tombstone('user_gone')");
    assertEquals([await refusals(), await query("select from clerk.refusals")], [[], []]);
    assertEquals((await rows(database)).user_gone!.deleted_at, null);
  }));
