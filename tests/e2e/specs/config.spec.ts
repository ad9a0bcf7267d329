import { address, checkAccessibility, expect, picture, test } from './page';

test('settings are saved and tested, and permissions stand in a list', async ({ page, request }, info) => {
  // Each project has a data source of its own, for they run at the same time.
  const source = info.project.name.replace('grafana', 'settings').replace('settings-13', 'settings');
  await page.goto(address('config', { source }));
  const editor = page.getByRole('region', { name: 'Configuration editor' });
  const name = editor.getByLabel('Default application');
  const wanted = (await name.inputValue()) === 'orders' ? 'payments' : 'orders';
  await name.fill(wanted);
  await name.press('Tab');
  await page.getByRole('button', { name: 'Save & test' }).click();
  await expect(page.getByRole('status').or(page.getByRole('alert'))).toBeVisible();

  const listed = await request.get(`/api/datasources/uid/${source}`);
  const saved = (await listed.json()) as { jsonData: Record<string, unknown>; secureJsonFields: object };
  expect(saved.jsonData).toMatchObject({ authType: 'keys', defaultRegion: 'eu-west-1', defaultApplication: wanted });
  expect(saved.secureJsonFields).toEqual({ accessKey: true, secretKey: true });

  await editor.getByRole('button', { name: 'Check permissions' }).click();
  const permissions = editor.getByRole('region', { name: 'Permissions' }).getByRole('row');
  await expect(permissions.filter({ hasText: 'cloudwatch:GetMetricData' })).toContainText('ok');
  expect(await permissions.count()).toBeGreaterThan(2);
  await picture(page, info, 'config-dark');
});

test('the configuration editor is accessible, light and dark', async ({ page }, info) => {
  // The colours of older versions are the same.
  const themes = info.project.name === 'grafana-13' ? ['light', 'dark'] : ['dark'];
  for (const theme of themes) {
    await page.goto(address('config', { theme }));
    await expect(page.getByLabel('Default application')).toBeVisible();
    await checkAccessibility(page, 'section[aria-label="Configuration editor"]');
    await picture(page, info, `config-${theme}`);
  }
});
