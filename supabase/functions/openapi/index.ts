import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { createDocument } from "./document.ts";
import * as descriptions from "./functions.ts";
import { createOpenApiHandler, OPENAPI } from "./handler.ts";

export default serveWith(
  OPENAPI,
  () => createDocument(Object.values(descriptions)),
  (document, platform) => createOpenApiHandler({ ...platform, document }),
);
