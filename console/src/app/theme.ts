// Mayday's look as Mantine understands it: petrol for what one can do, ember for what needs somebody, greys with a hint of green.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = ["#e9f5f4", "#d2eae8", "#a6d6d2", "#76c0bb", "#4cada7", "#259690", "#12807b", "#0b6a67", "#085552", "#063f3e"];
const ember: MantineColorsTuple = ["#fff2e8", "#ffe3cf", "#ffc59d", "#ffa467", "#ff8a3d", "#f7741c", "#d95c0b", "#b14805", "#8a3906", "#632a07"];
const moss: MantineColorsTuple = ["#eaf7ec", "#d3edd8", "#a8dab1", "#7ac788", "#52b564", "#359f4a", "#22863a", "#176d2d", "#125725", "#0d401b"];
const brick: MantineColorsTuple = ["#fdeeec", "#fad9d5", "#f3b0a8", "#eb8377", "#e25c4d", "#d63f2f", "#c02d1e", "#a12015", "#801a12", "#5f140e"];
const plum: MantineColorsTuple = ["#f8eefb", "#eddaf3", "#dab3e6", "#c58ad8", "#b167cb", "#9d4cba", "#85389f", "#6c2a83", "#532066", "#3c174a"];
const gray: MantineColorsTuple = ["#f6f8f7", "#eef2f1", "#e1e7e5", "#d1d9d7", "#b5c0bd", "#8d9a97", "#63706d", "#4a5654", "#323c3a", "#1b2322"];
const dark: MantineColorsTuple = ["#dfe7e5", "#b9c5c2", "#98a5a2", "#6b7976", "#3c4947", "#2b3634", "#202a28", "#151d1c", "#0f1615", "#0a0f0e"];

export const SANS = "'Atkinson Hyperlegible Next Variable', system-ui, 'Noto Sans', 'Noto Sans JP', sans-serif";
export const MONO = "'Atkinson Hyperlegible Mono Variable', ui-monospace, monospace";

export const theme = createTheme({
  colors: { petrol, ember, moss, brick, plum, gray, dark },
  black: "#16201e",
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: "12.5px", sm: "14px", md: "15px", lg: "17px", xl: "20px" },
  lineHeights: { xs: "1.35", sm: "1.42", md: "1.5", lg: "1.5", xl: "1.5" },
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "23px", lineHeight: "1.25" }, h2: { fontSize: "16px", lineHeight: "1.35" }, h3: { fontSize: "14px", lineHeight: "1.4" } },
  },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "20px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" }, styles: { label: { fontWeight: 600 } } },
    Modal: { defaultProps: { radius: "lg", padding: "lg", overlayProps: { backgroundOpacity: 0.4 }, transitionProps: { duration: 120 } }, styles: { title: { fontWeight: 650, fontSize: 18 } } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, shadow: "md", position: "bottom-end", transitionProps: { duration: 80 }, withinPortal: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 350, fz: "xs" } },
    TextInput: { defaultProps: { size: "sm" } },
    Loader: { defaultProps: { type: "dots" } },
  },
});

// In the dark, a light variant is a tint of its own colour rather than nearly black.
const tinted = (name: string, shades: MantineColorsTuple) => ({
  [`--mantine-color-${name}-light`]: `color-mix(in srgb, ${shades[5]} 20%, transparent)`,
  [`--mantine-color-${name}-light-hover`]: `color-mix(in srgb, ${shades[5]} 30%, transparent)`,
  [`--mantine-color-${name}-light-color`]: shades[2],
});

/** Surfaces and lines by role, so that style sheets name no shade. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--surface": "#ffffff",
    "--surface-sunk": gray[0],
    "--surface-hover": "#f1f6f5",
    "--line": gray[2],
    "--line-strong": gray[3],
    "--text-quiet": gray[6],
    "--text-danger": brick[6],
    "--text-urgent": ember[7],
    "--star": "#d99000",
    "--star-text": "#a86b00",
    "--mantine-color-dimmed": gray[6],
    "--mantine-color-body": "#ffffff",
    "--mantine-color-error": brick[6],
  },
  dark: {
    "--surface": dark[7],
    "--surface-sunk": dark[8],
    "--surface-hover": "#1a2423",
    "--line": dark[5],
    "--line-strong": dark[4],
    "--text-quiet": dark[2],
    "--text-danger": brick[3],
    "--text-urgent": ember[3],
    "--star": "#ffc94d",
    "--star-text": "#ffc94d",
    "--mantine-color-dimmed": dark[2],
    "--mantine-color-body": dark[7],
    "--mantine-color-error": brick[3],
    ...tinted("petrol", petrol),
    ...tinted("ember", ember),
    ...tinted("moss", moss),
    ...tinted("brick", brick),
    ...tinted("plum", plum),
  },
});
