// A page in a real browser: Debian's headless Chromium, driven by playwright-core.
// In -> out: a file of HTML, a colour scheme and a width, to a page to look at; and what must hold of every page: nothing
// is wider than the window, every text stands out from what is behind it, every link leads somewhere.

import * as fs from "node:fs";
import * as path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { programInPath } from "./tools.ts";

/** "" where there is none; tests that need it are skipped by name. */
export const browserProgram = programInPath("chromium-headless-shell");

export type Scheme = "light" | "dark";

/** A page and what went wrong in it. */
export interface Opened {
  page: Page;
  /** Errors of script, and requests for anything but the page. */
  troubles: string[];
  close(): Promise<void>;
}

export async function startBrowser(): Promise<Browser> {
  // As root Chromium cannot use its sandbox; the pages are our own.
  return await chromium.launch({ executablePath: browserProgram, args: ["--no-sandbox"] });
}

export async function openPage(browser: Browser, file: string, scheme: Scheme, width: number, javaScriptEnabled = true): Promise<Opened> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 1000 }, javaScriptEnabled });
  const page = await context.newPage();
  const troubles: string[] = [];
  const url = `file://${file}`;
  page.on("pageerror", (e) => troubles.push(e.message));
  page.on("console", (m) => {
    if (m.type() === "error" || m.type() === "warning") troubles.push(m.text());
  });
  page.on("request", (r) => {
    if (r.url() !== url) troubles.push(`asks for ${r.url()}`);
  });
  page.on("dialog", (d) => {
    troubles.push(`says ${d.message()}`);
    d.dismiss().catch(() => {});
  });
  await page.goto(url);
  return { page, troubles, close: () => context.close() };
}

/** Opens all that is folded. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true");
}

/** How much wider the page is than its window. */
export async function overflow(page: Page): Promise<number> {
  return await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
}

/** Texts whose contrast with what is behind them is less than 4.5 to 1, the least that WCAG asks for (AA). */
export async function faintTexts(page: Page): Promise<string[]> {
  return await page.evaluate(`(${findFaint})()`);
}

/** Runs in the page, so it is text: tsc has no browser's names. */
const findFaint = `() => {
  const channels = (text) => {
    const n = text.match(/[\\d.]+/g).map(Number);
    return { rgb: n.slice(0, 3), alpha: n.length > 3 ? n[3] : 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) {
      if (at.namespaceURI.endsWith("svg")) {
        const rect = at.tagName === "g" ? at.querySelector("rect") : null;
        if (rect !== null) layers.push(channels(getComputedStyle(rect).fill));
        continue;
      }
      layers.push(channels(getComputedStyle(at).backgroundColor));
      if (layers.at(-1).alpha === 1) break;
    }
    let rgb = [255, 255, 255];
    for (const layer of layers.reverse()) rgb = rgb.map((c, k) => layer.rgb[k] * layer.alpha + c * (1 - layer.alpha));
    return rgb;
  };
  const faint = [];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    if (walker.currentNode.data.trim() === "" || element.getClientRects().length === 0 || element.closest(".visually-hidden, script, style") !== null) continue;
    seen += 1;
    const text = channels(element.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const a = luminance(text.rgb);
    const b = luminance(behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5 || text.alpha < 1) faint.push(walker.currentNode.data.trim().slice(0, 40) + " " + ratio.toFixed(2));
  }
  return seen === 0 ? ["no text at all"] : faint;
}`;

/** Links that lead nowhere: to no place of the page, and to no file beside it. */
export async function deadLinks(page: Page, folder: string): Promise<string[]> {
  const hrefs: string[] = await page.evaluate("[...document.querySelectorAll('[href],[src]')].map((a) => a.getAttribute('href') ?? a.getAttribute('src'))");
  const dead: string[] = [];
  for (const href of hrefs) {
    const found = href.startsWith("#") ? await page.locator(`[id="${href.slice(1)}"]`).count() === 1 : !/^\w+:/.test(href) && fs.existsSync(path.join(folder, href));
    if (!found) dead.push(href);
  }
  return hrefs.length === 0 ? ["no link at all"] : dead;
}
