import { expect, test } from '@jest/globals';
import { assert, property, string } from 'fast-check';
import { errorPage } from './error-page.ts';

test('whatever a request says stands in the page as text', () => {
  const around = errorPage('', '').length;
  assert(
    property(string({ unit: 'binary' }), string(), (error, description) => {
      const page = errorPage(error, description);
      expect(page.match(/</g)?.length).toBe(errorPage('', '').match(/</g)?.length);
      expect(page.length).toBeGreaterThanOrEqual(around + error.length + description.length);
    }),
  );
  const page = errorPage('<i>', `"&'\``);
  expect(page).toContain('<code>&#60;i&#62;</code>');
  expect(page).toContain('<p>&#34;&#38;&#39;&#96;</p>');
});
