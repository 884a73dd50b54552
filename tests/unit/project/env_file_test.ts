/** Env files as people, editors and shells write them. */
import { assertEquals } from "@std/assert";
import { parseEnvFile } from "../../../project/env_file.ts";

const KEY = "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** UTF-16, as PowerShell's `>` and some editors write it. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let index = 0; index < text.length; index++) view.setUint16(index * 2, text.charCodeAt(index), littleEndian);
  return new Uint8Array(view.buffer);
}

/** Encoders by name. */
const ENCODINGS: Record<string, (text: string) => Uint8Array> = {
  "plain UTF-8": utf8,
  "UTF-8 with a byte order mark": (text) => utf8(`\uFEFF${text}`),
  "UTF-16, little end first": (text) => utf16(`\uFEFF${text}`, true),
  "UTF-16, big end first": (text) => utf16(`\uFEFF${text}`, false),
};

/** Line ends by name. */
const LINE_ENDS: Record<string, string> = { LF: "\n", CRLF: "\r\n", CR: "\r" };

/** Forms of a variable by name. */
const FORMS: Record<string, (name: string, value: string) => string> = {
  "no quotes": (name, value) => `${name}=${value}`,
  "double quotes": (name, value) => `${name}="${value}"`,
  "single quotes": (name, value) => `${name}='${value}'`,
  backticks: (name, value) => `${name}=\`${value}\``,
  export: (name, value) => `export ${name}="${value}"`,
  spaces: (name, value) => `  ${name} = ${value}  `,
  "a comment behind": (name, value) => `${name}=${value} # from the dashboard`,
};

for (const [encoding, encode] of Object.entries(ENCODINGS)) {
  for (const [end, lineEnd] of Object.entries(LINE_ENDS)) {
    Deno.test(`parseEnvFile() reads every form of a variable in ${encoding} with ${end}`, () => {
      for (const [form, write] of Object.entries(FORMS)) {
        const lines = [write("CLERK_PUBLISHABLE_KEY", KEY), "# a comment", "", write("CLERK_WEBHOOK_SECRET", SECRET)];
        const expected = { CLERK_PUBLISHABLE_KEY: KEY, CLERK_WEBHOOK_SECRET: SECRET };
        assertEquals(parseEnvFile(encode(lines.join(lineEnd))), expected, form);
        assertEquals(parseEnvFile(encode(lines.join(lineEnd) + lineEnd)), expected, `${form}, with a last line end`);
      }
    });
  }
}

Deno.test("parseEnvFile() keeps the lines of a PEM key with every kind of line end", () => {
  const pem = "-----BEGIN PUBLIC KEY-----\nMIIB/w+=\n-----END PUBLIC KEY-----";
  for (const lineEnd of Object.values(LINE_ENDS)) {
    assertEquals(parseEnvFile(utf8(`CLERK_JWT_KEY="${pem.replaceAll("\n", lineEnd)}"${lineEnd}A=1`)), {
      CLERK_JWT_KEY: pem,
      A: "1",
    });
  }
});

Deno.test("parseEnvFile() reads concatenated files, each with its byte order mark", () => {
  assertEquals(parseEnvFile(utf8("\uFEFFA=1\n\uFEFFB=2\n")), { A: "1", B: "2" });
});

Deno.test("parseEnvFile() keeps quoted characters, and empty values", () => {
  assertEquals(parseEnvFile(utf8(`A='a # b'\nB="it's"\nC=\nD=x=y\n`)), { A: "a # b", B: "it's", C: "", D: "x=y" });
  assertEquals(parseEnvFile(new Uint8Array()), {});
});
