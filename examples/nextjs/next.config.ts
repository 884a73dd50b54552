import type { NextConfig } from "next";

const config: NextConfig = {
  // next dev prints localhost, and accepts the same page at 127.0.0.1.
  allowedDevOrigins: ["127.0.0.1"],
  // The repository has other packages beside this one.
  turbopack: { root: import.meta.dirname },
};

export default config;
