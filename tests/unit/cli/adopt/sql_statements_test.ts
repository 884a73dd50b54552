import { assertEquals } from "@std/assert";
import { readStatements } from "../../../../cli/adopt/sql_statements.ts";

const read = (sql: string) => readStatements(sql).map((words) => words.join(" "));

Deno.test("readStatements() folds names as PostgreSQL does, and keeps quoted ones", () => {
  assertEquals(read('CREATE TABLE Public."My ""Users""" (Id int);\n\nselect 1'), [
    'create table public . My "Users" ( id int )',
    "select 1",
  ]);
});

Deno.test("readStatements() leaves out comments, which nest and may hold quotes", () => {
  assertEquals(read("a; -- don't; b\n/* c; /* d; */ e; ' */ f -- the end"), ["a", "f"]);
});

Deno.test("readStatements() reads each literal as one sign", () => {
  assertEquals(read(`a 'b;'';' E'c\\';' d; select ''; e`), ["a '' '' d", "select ''", "e"]);
  assertEquals(read("comment on table x is 'it is; not -- the end'; f"), ["comment on table x is ''", "f"]);
});

Deno.test("readStatements() reads the body of a do block, and skips that of a function", () => {
  assertEquals(read("create function f() as $body$ a; $$ b; $$ $body$ language sql; c"), [
    "create function f ( ) as '' language sql",
    "c",
  ]);
  assertEquals(read("do $$ begin drop table a; end $$; b"), ["do", "begin drop table a", "end", "b"]);
});

Deno.test("readStatements() reads a script that ends within a comment, a string or a body", () => {
  for (const sql of ["a; /* b", "a; -- b", "a; $$ b", "a; 'b"]) assertEquals(read(sql)[0], "a", sql);
});
