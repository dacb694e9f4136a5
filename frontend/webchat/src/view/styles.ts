/** The widget's look. Adopted by its shadow root, so that neither side's styles reach the other. */

const light = `
  --surface: #ffffff; --ground: #f5f6f8; --ink: #1b1f27; --soft: #646b78; --line: #e3e6eb;
  --other: #eef0f4; --danger: #c22f2f; --warn-ground: #fff4d6; --warn-ink: #5c4300; --edge: #8b93a1; --link: #1b1f27; --shadow: 0 12px 40px rgb(20 25 40 / .22);`;

const dark = `
  --surface: #1c1f26; --ground: #14161b; --ink: #e9ebf0; --soft: #a0a8b6; --line: #333844;
  --other: #2a2f39; --danger: #ff8a80; --warn-ground: #42360f; --warn-ink: #ffe7a3; --edge: #8b93a1; --link: #e9ebf0; --shadow: 0 12px 40px rgb(0 0 0 / .6);`;

export const css = `
:host { all: initial; --accent: #3457d5; --on-accent: #ffffff; ${light}
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink); color-scheme: light; }
@media (prefers-color-scheme: dark) { :host([data-theme=auto]) { ${dark} color-scheme: dark; } }
:host([data-theme=dark]) { ${dark} color-scheme: dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button, input, textarea, select { font: inherit; color: inherit; }
button { cursor: pointer; }
h2, p { margin: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.icon { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; flex: none; display: block; }
.icon-more { stroke-width: 3; }

.launcher { position: fixed; z-index: 2147483000; bottom: 20px; right: 20px; width: 56px; height: 56px; border: 0; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 20px rgb(20 25 40 / .3); display: grid; place-items: center; transition: transform .15s; }
:host([data-position=left]) .launcher { right: auto; left: 20px; }
.launcher:hover { transform: scale(1.06); }
.launcher:active { transform: scale(.96); }
.launcher .icon { width: 26px; height: 26px; grid-area: 1 / 1; }
.launcher .icon-down, :host([data-open]) .launcher .icon-chat { visibility: hidden; }
:host([data-open]) .launcher .icon-down { visibility: visible; }
.launcher:focus-visible { outline-offset: 3px; }
.launcher.worded { display: flex; align-items: center; gap: 10px; width: auto; max-width: calc(100% - 40px); padding: 0 22px 0 18px; border-radius: 28px; font-weight: 600; }
.launcher.worded .icon-down, :host([data-open]) .launcher.worded .icon-chat { display: none; }
:host([data-open]) .launcher.worded .icon-down { display: block; }
.launcher-text { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
img.icon { object-fit: contain; border-radius: 50%; }
.badge { position: absolute; top: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: #d32f2f; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px; text-align: center; }

.panel { position: fixed; z-index: 2147483001; bottom: 90px; right: 20px; width: min(384px, calc(100% - 40px)); height: min(640px, calc(100% - 110px));
  display: flex; flex-direction: column; overflow: hidden; background: var(--surface); border-radius: 16px; box-shadow: var(--shadow); animation: rise .18s ease-out; }
:host([data-position=left]) .panel { right: auto; left: 20px; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }

header { position: relative; display: flex; align-items: center; gap: 4px; min-height: 60px; padding: 10px 10px 10px 18px; background: var(--accent); color: var(--on-accent); }
:host([dir=rtl]) header { padding: 10px 18px 10px 10px; }
.heading { flex: 1; min-width: 0; }
h2 { font-size: 17px; font-weight: 650; line-height: 1.25; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
.subtitle { font-size: 13px; opacity: .9; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.plain { width: 40px; height: 40px; border: 0; border-radius: 10px; background: transparent; color: inherit; display: grid; place-items: center; }
.plain:hover { background: rgb(127 127 127 / .28); }
header :focus-visible { outline-color: currentColor; outline-offset: -2px; }
.menu { position: absolute; display: flex; flex-direction: column; align-items: stretch; top: calc(100% - 6px); inset-inline-end: 12px; z-index: 3; padding: 6px; background: var(--surface); color: var(--ink);
  border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.menu button { padding: 9px 14px; border: 0; border-radius: 8px; background: none; text-align: start; }
.menu button:hover { background: var(--other); }
.menu :focus-visible { outline-color: var(--accent); }

.banner { padding: 8px 16px; font-size: 13px; background: var(--warn-ground); color: var(--warn-ink); }
.shut, .wait, .thanks { display: flex; gap: 10px; align-items: flex-start; padding: 11px 16px; font-size: 14px; background: var(--other); overflow-wrap: anywhere; }
.shut .icon, .wait .icon { width: 20px; height: 20px; color: var(--soft); }
.wait .link { display: block; margin-top: 4px; }
.banner.error { color: var(--danger); }
.log-frame { position: relative; flex: 1; min-height: 0; display: flex; }
.scroller { flex: 1; overflow: hidden auto; overscroll-behavior: contain; padding: 16px 14px 8px; scrollbar-width: thin; }
.scroller:focus-visible { outline-offset: -3px; }
.log { display: flex; flex-direction: column; }
.greeting { align-self: center; margin: 0 0 8px; padding: 4px 12px; color: var(--soft); font-size: 14px; text-align: center; overflow-wrap: anywhere; white-space: pre-wrap; }
.greeting.alone { margin: 48px 12px; font-size: 17px; }
.dayed, .row { display: flex; flex-direction: column; }
.row { margin-top: 12px; max-width: 84%; align-items: flex-start; align-self: flex-start; }
.row.follows { margin-top: 3px; }
.row.own { align-self: flex-end; align-items: flex-end; }
.row.note { align-self: center; max-width: 94%; color: var(--soft); font-size: 13px; text-align: center; overflow-wrap: anywhere; }
.day { align-self: center; margin: 14px 0 2px; font-size: 12px; font-weight: 600; color: var(--soft); }
.author { margin: 0 4px 3px; font-size: 12.5px; color: var(--soft); overflow-wrap: anywhere; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.bubble { padding: 9px 13px; border-radius: 16px; border-end-start-radius: 5px; background: var(--other); white-space: pre-wrap; overflow-wrap: anywhere; max-width: 100%; }
.own .bubble { background: var(--accent); color: var(--on-accent); border-end-start-radius: 16px; border-end-end-radius: 5px; }
.bubble a { color: inherit; text-decoration: underline; text-underline-offset: 2px; }
.bubble.emoji { padding: 2px 4px; background: none; font-size: 34px; line-height: 1.2; }
.sending .bubble { opacity: .72; }
.failed .bubble { box-shadow: inset 0 0 0 2px var(--danger); }
.time { margin: 3px 4px 0; font-size: 11.5px; color: var(--soft); }
.failure { margin: 4px 4px 0; font-size: 13px; color: var(--danger); display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 2px 10px; text-align: end; }
.link { padding: 0; border: 0; background: none; color: inherit; font-weight: 600; text-decoration: underline; }
.picture img { display: block; max-width: 100%; max-height: 260px; border-radius: 12px; background: var(--other); }
.attachment { display: flex; gap: 8px; align-items: center; margin-top: 3px; padding: 9px 13px; border: 1px solid var(--line); border-radius: 12px; color: var(--ink); overflow-wrap: anywhere; }
.attachment span { min-width: 0; }
.attachment small { color: var(--soft); white-space: nowrap; }
.seen:not(:empty)::before { content: " · "; }
.offers { display: flex; flex-wrap: wrap; gap: 8px; justify-content: flex-end; margin-top: 12px; }
.offer { max-width: 100%; padding: 8px 15px; border: 1.5px solid var(--edge); border-radius: 18px; background: var(--surface); color: var(--link); font-weight: 600; overflow-wrap: anywhere; }
.offer:hover { background: var(--other); }
.typing { display: flex; align-items: center; gap: 8px; min-height: 34px; margin-top: 8px; color: var(--soft); font-size: 13px; }
.dots { display: flex; gap: 4px; padding: 11px 12px; border-radius: 16px; background: var(--other); }
.dots i { width: 6px; height: 6px; border-radius: 50%; background: var(--soft); animation: blink 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
@keyframes blink { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }
.pill { position: absolute; bottom: 10px; left: 50%; transform: translateX(-50%); padding: 7px 16px; border: 0; border-radius: 20px; background: var(--ink); color: var(--surface); font-size: 13px; box-shadow: var(--shadow); }

.composer { padding: 10px 12px 12px; border-top: 1px solid var(--line); }
.composer-line { display: flex; align-items: flex-end; gap: 8px; padding: 4px 4px 4px 14px; border: 1px solid var(--line); border-radius: 22px; background: var(--ground); }
:host([dir=rtl]) .composer-line { padding: 4px 14px 4px 4px; }
.composer-line:focus-within { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.composer textarea { flex: 1; min-width: 0; padding: 8px 0; border: 0; outline: 0; background: none; resize: none; line-height: 1.4; font-size: 16px; }
::placeholder { color: var(--soft); opacity: 1; }
.send { width: 38px; height: 38px; border: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); display: grid; place-items: center; flex: none; }
.send:disabled { background: transparent; color: var(--soft); cursor: default; }
.send .icon { width: 20px; height: 20px; }
:host([dir=rtl]) .send .icon { transform: scaleX(-1); }
.attach { width: 38px; height: 38px; margin-inline-start: -10px; border: 0; border-radius: 50%; background: none; color: var(--soft); display: grid; place-items: center; flex: none; }
.attach:hover { color: var(--ink); }
.chips { list-style: none; display: flex; flex-wrap: wrap; gap: 6px; margin: 0 0 8px; padding: 0; max-height: 118px; overflow: auto; }
.chip { position: relative; display: flex; align-items: center; gap: 6px; max-width: 100%; padding: 5px 4px 5px 10px; border: 1px solid var(--line); border-radius: 10px; font-size: 13px; overflow: hidden; }
.chip .icon { width: 16px; height: 16px; }
.chip-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip-size { color: var(--soft); white-space: nowrap; }
.chip-remove { width: 26px; height: 26px; padding: 0; border: 0; border-radius: 6px; background: none; display: grid; place-items: center; flex: none; }
.chip-remove:hover { background: var(--other); }
.chip progress { position: absolute; inset: auto 0 0; width: 100%; height: 3px; border: 0; appearance: none; background: var(--line); accent-color: var(--accent); }
.chip progress::-webkit-progress-bar { background: var(--line); }
.chip progress::-webkit-progress-value { background: var(--accent); }
.chip progress::-moz-progress-bar { background: var(--accent); }
.dropzone { position: absolute; inset: 8px; z-index: 4; display: grid; place-items: center; padding: 20px; border: 2px dashed var(--accent); border-radius: 12px; background: var(--surface); font-weight: 600; text-align: center; pointer-events: none; opacity: .95; }
.limit { padding: 0 4px 8px; font-size: 13px; color: var(--danger); }
.ended { padding: 16px; border-top: 1px solid var(--line); text-align: center; display: grid; gap: 12px; color: var(--soft); }
.survey { display: grid; gap: 10px; color: var(--ink); }
.survey-question { overflow-wrap: anywhere; }
.survey-ratings { display: flex; justify-content: center; gap: 8px; }
.survey-ratings button { width: 44px; height: 44px; border: 1px solid var(--line); border-radius: 12px; background: var(--ground); color: var(--ink); font-size: 16px; font-weight: 600; }
.survey-ratings button:hover { border-color: var(--accent); }
.survey-ratings button[aria-pressed=true] { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.survey-note { min-height: 20px; font-size: 13px; color: var(--soft); }
.primary { padding: 11px 18px; border: 0; border-radius: 12px; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.form { flex: 1; overflow: auto; display: flex; flex-direction: column; gap: 14px; padding: 20px 18px; }
.form .link { align-self: center; }
.form-greeting { font-size: 16px; overflow-wrap: anywhere; white-space: pre-wrap; }
.field { display: grid; gap: 5px; }
.field label { font-size: 14px; font-weight: 600; }
.field.box { grid-template-columns: auto 1fr; align-items: start; gap: 5px 10px; }
.field.box label { font-weight: 400; }
.field.box input { width: 20px; height: 20px; margin: 0; accent-color: var(--accent); }
.field.box .field-error { grid-column: 1 / -1; }
.field :is(input:not([type=checkbox]), textarea, select) { width: 100%; padding: 10px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--ground); font-size: 16px; resize: vertical; }
.field [aria-invalid=true] { border-color: var(--danger); }
.field-error { font-size: 13px; color: var(--danger); }

@media (max-width: 480px), (max-height: 420px) {
  .panel { inset: 0; width: 100%; height: 100%; border-radius: 0; padding-bottom: env(safe-area-inset-bottom); }
  :host([data-open]) .launcher { display: none; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .panel, .launcher, .bubble { border: 1px solid; } }
@media print { :host { display: none; } }
`;
