/** Who holds which role on the archive's bucket (IAM). What project, folder or organization grant is not in a bucket's policy. */
import type { BucketGrant } from '@tachograph/store';
import type { Row } from './evidence-table.ts';

/** `bucket`: as rows name it. */
export interface BucketAccess {
  readonly bucket: string;
  readonly grants: readonly BucketGrant[];
}

/** A row for each member of each role. */
export function* bucketRights({ bucket, grants }: BucketAccess): Generator<Row> {
  for (const { role, member, condition } of grants) {
    const [type = '', ...name] = member.split(':');
    yield {
      basis: 'iam',
      principal: name.length === 0 ? member : name.join(':'),
      principal_type: name.length === 0 ? 'public' : type,
      issuer: 'google',
      server: `gs://${bucket}`,
      right: role,
      conditional: condition !== undefined,
      rule: role,
      policy: condition ?? '',
    };
  }
}
