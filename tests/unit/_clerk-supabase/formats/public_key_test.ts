import { assertEquals } from "@std/assert";
import { base64url, exportPKCS8, exportSPKI, generateKeyPair, importJWK, importSPKI } from "jose";
import { parsePublicKey } from "../../../../supabase/functions/_clerk-supabase/formats/public_key.ts";
import { keysOf } from "../../../helpers/clerk/issuers.ts";

const { publicKey, privateKey } = await keysOf("first");
const pem = (await exportSPKI(publicKey)).trim();
const lines = pem.split("\n");
const body = lines.slice(1, -1).join("");
const modulus = body.slice("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA".length, -"IDAQAB".length);

const FORMS: Record<string, string> = {
  "as the dashboard shows it": pem,
  "with CRLF": lines.join("\r\n") + "\r\n",
  "with line breaks written as \\n": lines.join("\\n"),
  "with line breaks written as \\r\\n": lines.join("\\r\\n"),
  "on one line": lines.join(""),
  "on one line, with spaces": lines.join(" "),
  "in double quotes": `"${lines.join("\\n")}"`,
  "in single quotes": `'${pem}'`,
  "indented": lines.map((line) => `  ${line}\t`).join("\n"),
  "without its first and last line": lines.slice(1, -1).join("\n"),
  "without its last line": lines.slice(0, -1).join("\n"),
  "without its first line": lines.slice(1).join("\n"),
  "as one line of base64": body,
  "as base64url": body.replaceAll("+", "-").replaceAll("/", "_"),
  "as its modulus": modulus,
};

for (const [form, text] of Object.entries(FORMS)) {
  Deno.test(`parsePublicKey() reads a key ${form}`, async () => {
    assertEquals(parsePublicKey(text), pem);
    assertEquals(
      (await exportSPKI(await importSPKI(parsePublicKey(text)!, "RS256", { extractable: true }))).trim(),
      pem,
    );
  });
}

Deno.test("parsePublicKey() reads a key of 4,096 bits", async () => {
  // Any odd number of 4,096 bits has the form of a modulus, and generating a key of that length takes seconds.
  const n = base64url.encode(new Uint8Array(512).fill(0xc5));
  const publicKey = await importJWK({ kty: "RSA", n, e: "AQAB" }, "RS256", { extractable: true });
  const long = (await exportSPKI(publicKey as CryptoKey)).trim();
  assertEquals(parsePublicKey(long.split("\n").slice(1, -1).join("")), long);
});

Deno.test("parsePublicKey() refuses what is not a public RSA key of at least 2,048 bits", async () => {
  const elliptic = await generateKeyPair("ES256", { extractable: true });
  const { publicKey: short } = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const pkcs8 = await exportPKCS8(privateKey);
  const bad = [
    ...["", "AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "pk_test_x", "{}", `"${body}'`],
    ...[pkcs8, pkcs8.split("\n").slice(1, -2).join(""), pem.replaceAll("PUBLIC", "CERTIFICATE")],
    ...[await exportSPKI(elliptic.publicKey), await exportSPKI(short), body.slice(0, -60), modulus.slice(0, -4)],
    pem.replace("PUBLIC KEY", "RSA PUBLIC KEY"),
  ];
  for (const text of bad) assertEquals(parsePublicKey(text), undefined, text);
});
