import { clerkMiddleware } from "@clerk/nextjs/server";

export default clerkMiddleware({
  // The local stack's Clerk simulator, under /__clerk of this app. Not set with a real Clerk instance.
  frontendApiProxy: { enabled: process.env.CLERK_FAPI_URL !== undefined },
});

export const config = { matcher: ["/((?!_next|[^?]*\\.(?:css|ico|png|svg|woff2?)).*)", "/__clerk/:path*"] };
