import { assertEquals } from "@std/assert";
import { findObstacle } from "../../../../cli/adopt/users_table.ts";

/** Returns the obstacle in scripts before the bundle's first migration, and in one after it. */
function obstacle(before: string[], late?: string): string | undefined {
  const scripts = before.map((sql, index) => ({ path: `${index + 1}.sql`, sql }));
  const found = findObstacle([
    ...scripts,
    ...late === undefined ? [] : [{ path: "late.sql", sql: late, isLate: true }],
  ]);
  return found && `${found.path} ${found.what}`;
}

Deno.test("findObstacle() finds every way to create a table or view public.users", () => {
  for (
    const sql of [
      "create table users (id int);",
      'CREATE TABLE IF NOT EXISTS "public"."users" (\n id uuid);',
      "create unlogged table public.users(id int);",
      "create foreign table users () server other;",
      "create or replace view public.users as select 1;",
      "create materialized view if not exists users as select 1;",
      "create\n  table -- of whom?\n  public /* that is */ . users\n(id int);",
      "begin; create table users (id int); commit;",
      "set search_path to app; create table public.users (id int);",
      "do $$ begin if true then create table users (id int); end if; end $$;",
    ]
  ) assertEquals(obstacle([sql]), "1.sql public.users", sql);
});

Deno.test("findObstacle() finds the organizations that the bundle creates too", () => {
  assertEquals(obstacle(["create table public.organizations (id int);"]), "1.sql public.organizations");
  assertEquals(
    obstacle(["create view organization_memberships as select 1;"]),
    "1.sql public.organization_memberships",
  );
});

Deno.test("findObstacle() skips other tables, schemas, comments, literals and the bodies of functions", () => {
  for (
    const sql of [
      "create table auth.users (id int);",
      "create table public.users_teams (id int);",
      'create table public."Users" (id int);',
      "create table my.users (id int);",
      "create temporary table users (id int);",
      "-- create table users (id int);",
      "/* create table users\n (id int); */",
      "/* /* nested */ create table users (id int); */",
      "comment on schema public is 'create table users (id int);';",
      "create table orders (user_id uuid references users (id));",
      "create function f() returns void language plpgsql as $f$ begin create table users (id int); end $f$;",
      "create schema clerk_sync;",
      "create schema app create table users (id int);",
      "set search_path = app; create table users (id int);",
      "alter table teams rename users to members;",
      "alter table teams rename column users to members;",
      "alter index teams_idx rename to users;",
    ]
  ) assertEquals(obstacle([sql]), undefined, sql);
});

Deno.test("findObstacle() finds every way to rename or move a table to public.users", () => {
  for (
    const sql of [
      "alter table people rename to users;",
      'ALTER TABLE IF EXISTS ONLY "public"."people" *\n  RENAME TO "users";',
      "alter table only public.people -- to what?\n rename /* so */ to users;",
      "alter view people rename to users;",
      "alter materialized view if exists people rename to users;",
      "alter table app.users set schema public;",
      "do $$ begin alter table people rename to users; end $$;",
    ]
  ) assertEquals(obstacle(["create table people (id int);", sql]), "2.sql public.users", sql);
});

Deno.test("findObstacle() skips a rename to another name than public.users", () => {
  for (
    const sql of [
      "alter table app.people rename to users;",
      'alter table people rename to "Users";',
      "alter table people rename to users_old;",
      "alter table people rename column name to users;",
      "comment on table people is $$alter table people rename to users;$$;",
      "set search_path = app, public; alter table people rename to users;",
      "alter table public.people set schema users;",
    ]
  ) assertEquals(obstacle([sql]), undefined, sql);
});

Deno.test("findObstacle() skips a table users that is renamed or dropped before the bundle's first migration", () => {
  const create = "create table public.users (id int);";
  for (
    const leave of [
      "alter table public.users rename to members;",
      'ALTER TABLE IF EXISTS "public"."users" RENAME TO "Users";',
      "alter table if exists only users set schema app;",
      "drop table if exists users;",
      "drop table teams, public.users cascade;",
      "do $$ begin alter table users rename to members; end $$;",
    ]
  ) {
    assertEquals(obstacle([create, leave]), undefined, leave);
    assertEquals(obstacle([create], leave), "1.sql public.users", leave);
  }
  assertEquals(obstacle([create, "alter table users rename column a to b;"]), "1.sql public.users");
  assertEquals(obstacle([], create), "late.sql public.users");
  assertEquals(obstacle([], "alter table people rename to users;"), "late.sql public.users");
});

Deno.test("findObstacle() finds a table users that gets its name back", () => {
  const [create, leave] = ["create table users (id int);", "alter table users rename to members;"];
  assertEquals(obstacle([create, leave, "alter table members rename to users;"]), "3.sql public.users");
  assertEquals(obstacle([create, leave, create, leave]), undefined);
});

Deno.test("findObstacle() finds a schema clerk, as for Clerk's foreign data wrapper, unless it is renamed", () => {
  assertEquals(obstacle(["create schema if not exists clerk;"]), "1.sql the schema clerk");
  assertEquals(obstacle(["create schema authorization clerk;"]), "1.sql the schema clerk");
  assertEquals(obstacle(["create schema clerk;", "alter schema clerk rename to wrapper;"]), undefined);
  assertEquals(obstacle(["alter schema wrapper rename to clerk;"]), "1.sql the schema clerk");
});
