import { useAuth, useUser } from "@clerk/react";
import { useEffect, useState } from "react";
import { type Data, readData } from "./data";

export function Profile() {
  const { user } = useUser();
  const { orgId } = useAuth();
  const [data, setData] = useState<Data>();
  const [error, setError] = useState<string>();

  useEffect(() => {
    if (!user) return;
    const read = () => readData().then(setData, (error) => setError(String(error)));
    read();
    // A change at Clerk reaches the table by webhook, a moment later.
    const timer = setInterval(read, 2_000);
    return () => clearInterval(timer);
  }, [user?.id]);

  if (error) return <p role="alert">{error}</p>;
  if (!data) return <p>Reading your row …</p>;
  return (
    <>
      <h1>Hello, {user?.firstName ?? data.profile.email}</h1>
      <h2>The profile function answers</h2>
      <pre data-testid="profile">{JSON.stringify(data.profile, null, 2)}</pre>
      <h2>Your row of public.users</h2>
      <pre data-testid="row">{JSON.stringify(data.row, null, 2)}</pre>
      <h2>Your rows of public.organizations</h2>
      <ul data-testid="organizations">
        {data.organizations.map(({ clerk_organization_id: id, name }) => (
          <li key={id}>{id === orgId ? `${name} (active)` : name}</li>
        ))}
      </ul>
    </>
  );
}
