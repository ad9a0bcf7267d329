import { NEWEST, address, cells, editor, expect, grid, picture, settled, test } from './page';

test('a query for the moment: started, changed by an example, run again', NEWEST, async ({ page }, info) => {
  await page.goto(address('explore'));
  await settled(page);

  const help = page.getByRole('region', { name: 'Help' });
  const answered = page.waitForResponse('**/api/ds/query**');
  await help.getByRole('button').first().click();
  expect((await answered).status()).toBe(200);
  await settled(page);
  await expect(
    page
      .locator('canvas')
      .or(cells(grid(page)))
      .first()
  ).toBeVisible();

  const again = page.waitForRequest('**/api/ds/query**');
  await page.getByRole('button', { name: 'Run query' }).click();
  await again;
  await expect(editor(page).getByLabel('Query', { exact: true })).toBeVisible();
  await settled(page);
  await picture(page, info, 'explore');
});
