import { serveWith } from "../_shared/http/serve.ts";
import { createDocument } from "./document.ts";
import { FUNCTIONS } from "./functions.ts";
import { createOpenApiHandler, OPENAPI } from "./handler.ts";

export default serveWith(
  OPENAPI,
  () => createDocument(FUNCTIONS),
  (document, platform) => createOpenApiHandler({ ...platform, document }),
);
