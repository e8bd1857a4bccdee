import { describe, expect, test } from '@jest/globals';
import type { TokenReviewResult } from '@tachograph/kube';
import { createKubeCallerReviews } from './kube-caller-reviews.ts';

const accepted: TokenReviewResult = {
  kind: 'authenticated',
  username: 'system:serviceaccount:team-a:agent',
  uid: 'x',
  groups: [],
  audiences: ['tachograph://c/team-a/files'],
};

describe('a review of a caller’s token', () => {
  test('asks the API server every time, for the workload as audience', async () => {
    const asked: unknown[] = [];
    const answers: TokenReviewResult[] = [{ ...accepted, expires: 1_900_000_000 }, accepted];
    const reviews = createKubeCallerReviews({
      async reviewToken(...question) {
        asked.push(question);
        return answers.shift() ?? { kind: 'refused', message: 'the pod is gone' };
      },
    });
    const ask = async () => reviews.review('t', 'tachograph://c/team-a/files');
    expect(await ask()).toEqual({ expiresMs: 1_900_000_000_000 });
    expect(await ask()).toEqual({});
    expect(await ask()).toBeUndefined();
    expect(asked).toEqual(Array.from({ length: 3 }, () => ['t', ['tachograph://c/team-a/files']]));
  });

  test('that the API server does not answer is no answer about the token', async () => {
    const reviews = createKubeCallerReviews({ reviewToken: async () => Promise.reject(new Error('no route')) });
    await expect(reviews.review('t', 'a')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
