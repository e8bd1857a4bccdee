import type { FoundPolicy } from './bucket-access.ts';
import { BucketSetup } from './bucket-setup.ts';
import type { GcsConnection } from './gcs-connection.ts';

/** One member of one role, as a bucket's own IAM policy says. `condition`: where the role is given only sometimes. */
export interface BucketGrant {
  readonly role: string;
  /** Such as `serviceAccount:x@p.iam.gserviceaccount.com`, or `allUsers`. */
  readonly member: string;
  readonly condition?: string;
}

/** Asks a bucket who holds which role. Rejects with `denied` where the credentials may not read its policy. */
export async function readBucketGrants(
  bucket: string,
  connection: GcsConnection = {},
): Promise<readonly BucketGrant[]> {
  return toBucketGrants(await new BucketSetup({ name: bucket, location: '' }, connection).readPolicy());
}

/** The grants of a policy, as the API and `gcloud storage buckets get-iam-policy` give it; what is none is passed over. */
export function toBucketGrants(policy: FoundPolicy | Readonly<Record<string, unknown>>): readonly BucketGrant[] {
  return listOf(policy.bindings).flatMap((binding) => {
    const { role, members, condition } = binding;
    const [expression] = listOf([condition]).map((one) => one['expression']);
    return (Array.isArray(members) ? members : []).flatMap((member: unknown) =>
      typeof role === 'string' && typeof member === 'string'
        ? [{ role, member, ...(typeof expression === 'string' ? { condition: expression } : {}) }]
        : [],
    );
  });
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) =>
    typeof one === 'object' && one !== null ? [Object.fromEntries(Object.entries(one))] : [],
  );
}
