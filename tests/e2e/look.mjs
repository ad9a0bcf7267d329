import { chromium } from '@playwright/test';
const [, , ...paths] = process.argv;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const p = await b.newPage({ viewport: { width: 1400, height: 900 } });
p.on('console', (m) => console.log('[' + m.type() + ']', m.text().slice(0, 600)));
p.on('pageerror', (e) => console.log('[pageerror]', e.stack.slice(0, 800)));
p.on('response', (r) => {
  if (r.status() >= 400) console.log(r.status(), r.url(), r.request().postData()?.slice(0, 300));
});
for (const x of paths) {
  const t = Date.now();
  await p.goto('http://127.0.0.1:13300' + x);
  await p.waitForLoadState('networkidle');
  console.log(x, Date.now() - t, 'ms');
  await p.waitForTimeout(800);
  await p.screenshot({ path: '/tmp/probe/' + x.replace(/[^a-z0-9]+/gi, '_').slice(0, 60) + '.png', fullPage: true });
}
await b.close();
