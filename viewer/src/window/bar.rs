//! The bar and its menus: whose screen it is, who has the controls, and what can be done. Owns their layout; works by keyboard alone
//! (Ctrl+Alt+Home, arrows, Enter, Escape).

use mayday_protocol::Slot;
use mayday_protocol::control::RemoteState;

use super::action::{Action, Menu, Target};
use super::area::Area;
use super::keyboard::COMBINATIONS;
use super::letters::{Letters, Style};
use super::scale::Scaling;
use super::shapes::Layer;
use super::texts::Texts;
use super::theme::{self, Measure};

const LETTERS: u16 = 14;

/// What the bar shows.
pub struct Look<'a> {
    pub width: i32,
    pub measure: Measure,
    pub title: &'a str,
    pub state: Option<&'a RemoteState>,
    pub slot: Option<Slot>,
    pub scaling: Scaling,
    pub figures: bool,
    pub is_full: bool,
    pub open: Option<Menu>,
    pub pointer: (i32, i32),
    /// The target that has the keyboard, counted through the bar and the menu.
    pub focus: Option<usize>,
}

struct Item {
    label: String,
    action: Action,
    is_on: bool,
}

/// Lays out the bar and an open menu; what can be pressed is in the order of the keyboard.
pub fn lay_out(look: &Look<'_>, texts: &Texts, letters: &mut Letters) -> (Vec<Layer>, Vec<Target>) {
    let measure = look.measure;
    let font = (measure.letters(LETTERS), Style::Plain);
    let area = Area::new(0, 0, look.width, measure.bar());
    let mut bar = Layer::new(area);
    bar.fill(area, theme::BAR);
    bar.fill(Area::new(0, area.bottom() - 1, look.width, 1), theme::EDGE);

    let items = items(look, texts);
    let pad = measure.px(10);
    let widths: Vec<i32> = items
        .iter()
        .map(|item| letters.width(&item.label, font.0, font.1) + 2 * pad)
        .collect();
    let gap = measure.px(4);
    let needed: i32 = widths.iter().map(|width| width + gap).sum::<i32>() + gap;
    let room_for_title = measure.px(140);
    let mut targets = Vec::new();
    let mut right = look.width - gap;
    if needed + room_for_title <= look.width {
        let mut x = look.width - needed + gap;
        right = x - gap;
        for (item, width) in items.iter().zip(widths) {
            let place = Area::new(x, measure.px(5), width, measure.bar() - measure.px(11));
            button(&mut bar, look, targets.len(), place, item, font, pad);
            targets.push(Target {
                area: place,
                action: item.action,
            });
            x += width + gap;
        }
    } else {
        let item = Item {
            label: texts.text("bar.menu"),
            action: Action::Open(Menu::All),
            is_on: look.open == Some(Menu::All),
        };
        let width = letters.width(&item.label, font.0, font.1) + 2 * pad;
        let place = Area::new(
            look.width - width - gap,
            measure.px(5),
            width,
            measure.bar() - measure.px(11),
        );
        right = place.x.min(right);
        button(&mut bar, look, 0, place, &item, font, pad);
        targets.push(Target {
            area: place,
            action: item.action,
        });
    }
    let bold = (measure.letters(LETTERS), Style::Bold);
    let title = letters.shorten(look.title, right - 2 * pad, bold.0, bold.1);
    bar.text((pad, measure.bar() / 2), bold, theme::TEXT, title);

    let mut layers = vec![bar];
    if let Some(menu) = look.open {
        layers.push(lay_out_menu(
            look,
            menu,
            &items,
            texts,
            letters,
            &mut targets,
        ));
    }
    (layers, targets)
}

fn items(look: &Look<'_>, texts: &Texts) -> Vec<Item> {
    let item = |key: &str, action, is_on| Item {
        label: texts.text(key),
        action,
        is_on,
    };
    let scale = |key, scaling| item(key, Action::Scale(scaling), look.scaling == scaling);
    let mut items = Vec::new();
    items.extend(controls(look, texts));
    items.push(scale("bar.fit", Scaling::Fit));
    items.push(scale("bar.actual", Scaling::Actual));
    items.push(item(
        "bar.keys",
        Action::Open(Menu::Keys),
        look.open == Some(Menu::Keys),
    ));
    items.push(item("bar.figures", Action::Figures, look.figures));
    let full = if look.is_full {
        "bar.window"
    } else {
        "bar.full"
    };
    items.push(item(full, Action::FullScreen, false));
    items.push(item("bar.leave", Action::Leave, false));
    items
}

/// Who may move the mouse: said in words, taken with one press, handed over from a menu.
fn controls(look: &Look<'_>, texts: &Texts) -> Option<Item> {
    let (state, slot) = (look.state?, look.slot?);
    if !state.rights.view {
        return None;
    }
    let other = state
        .technicians
        .iter()
        .find(|one| Some(one.slot) == state.controller && one.slot != slot)
        .map(|one| one.name.as_str());
    if !state.rights.control {
        let label = other.map_or_else(
            || texts.text("controls.view_only"),
            |name| texts.filled("controls.other", &[("name", name)]),
        );
        return Some(Item {
            label,
            action: Action::Stay,
            is_on: false,
        });
    }
    if state.controller == Some(slot) {
        let open = Action::Open(Menu::Controls);
        let alone = receivers(state, slot).next().is_none();
        let asks = state
            .request
            .as_ref()
            .and_then(|request| receivers(state, slot).find(|(who, _)| *who == request.slot));
        let label = asks.map_or_else(
            || texts.text("controls.mine"),
            |(_, name)| texts.filled("controls.asked", &[("name", name)]),
        );
        return Some(Item {
            label,
            action: if alone { Action::Stay } else { open },
            is_on: look.open == Some(Menu::Controls),
        });
    }
    Some(Item {
        label: texts.text("controls.take"),
        action: Action::Controls(slot),
        is_on: false,
    })
}

/// Who could have the controls instead.
fn receivers(state: &RemoteState, slot: Slot) -> impl Iterator<Item = (Slot, &str)> {
    state
        .technicians
        .iter()
        .filter(move |one| one.slot != slot && one.connected && one.control)
        .map(|one| (one.slot, one.name.as_str()))
}

fn button(
    layer: &mut Layer,
    look: &Look<'_>,
    number: usize,
    place: Area,
    item: &Item,
    font: (u16, Style),
    pad: i32,
) {
    let radius = look.measure.px(5);
    let is_plain = item.action == Action::Stay;
    let is_hot = place.contains(look.pointer.0, look.pointer.1) && !is_plain;
    if look.focus == Some(number) {
        let ring = place.inset(-look.measure.px(2));
        layer.round(ring, theme::FOCUS, 255, radius + 2);
        layer.round(place, theme::BAR, 255, radius);
    }
    if item.is_on {
        layer.round(place, theme::ON, 255, radius);
    } else if is_hot {
        layer.round(place, theme::HOT, 255, radius);
    }
    let colour = if is_plain { theme::QUIET } else { theme::TEXT };
    let middle = place.y + place.height / 2;
    layer.text((place.x + pad, middle), font, colour, item.label.clone());
}

fn menu_items(look: &Look<'_>, menu: Menu, bar: &[Item], texts: &Texts) -> Vec<Item> {
    let keys = || {
        let mut items: Vec<Item> = COMBINATIONS
            .iter()
            .enumerate()
            .map(|(number, (key, _))| Item {
                label: texts.text(key),
                action: Action::Press(number),
                is_on: false,
            })
            .collect();
        items.push(Item {
            label: texts.text("keys.release"),
            action: Action::ReleaseKeys,
            is_on: false,
        });
        items
    };
    let hands = || {
        let (Some(state), Some(slot)) = (look.state, look.slot) else {
            return Vec::new();
        };
        receivers(state, slot)
            .map(|(slot, name)| Item {
                label: texts.filled("controls.hand", &[("name", name)]),
                action: Action::Controls(slot),
                is_on: false,
            })
            .collect()
    };
    match menu {
        Menu::Keys => keys(),
        Menu::Controls => hands(),
        Menu::All => {
            let copy = |item: &Item| Item {
                label: item.label.clone(),
                action: item.action,
                is_on: item.is_on,
            };
            let (leave, others) = bar.split_last().expect("a bar ends with leaving");
            let mut items: Vec<Item> = others
                .iter()
                .filter(|item| !matches!(item.action, Action::Open(_) | Action::Stay))
                .map(copy)
                .collect();
            items.extend(hands());
            items.extend(keys());
            items.push(copy(leave));
            items
        }
    }
}

fn lay_out_menu(
    look: &Look<'_>,
    menu: Menu,
    bar: &[Item],
    texts: &Texts,
    letters: &mut Letters,
    targets: &mut Vec<Target>,
) -> Layer {
    let measure = look.measure;
    let font = (measure.letters(LETTERS), Style::Plain);
    let small = (measure.letters(12), Style::Plain);
    let items = menu_items(look, menu, bar, texts);
    let hint = (menu != Menu::Controls).then(|| texts.text("keys.way_out"));
    let (pad, row) = (measure.px(12), measure.px(30));
    let mut widest = 0;
    for item in &items {
        widest = widest.max(letters.width(&item.label, font.0, font.1));
    }
    if let Some(hint) = &hint {
        widest = widest.max(letters.width(hint, small.0, small.1));
    }
    let width = widest + 2 * pad + measure.px(8);
    let height = row * items.len() as i32 + measure.px(12) + hint.as_ref().map_or(0, |_| row);
    let opener = targets
        .iter()
        .find(|target| target.action == Action::Open(menu))
        .map_or(look.width, |target| target.area.right());
    let left = (opener - width).clamp(0, (look.width - width).max(0));
    let area = Area::new(left, measure.bar(), width, height);
    let mut layer = Layer::new(area);
    layer.round(area, theme::EDGE, 255, measure.px(6));
    layer.round(area.inset(1), theme::CARD, 255, measure.px(6));
    let mut y = area.y + measure.px(6);
    for item in &items {
        let place = Area::new(area.x + measure.px(4), y, width - measure.px(8), row);
        button(&mut layer, look, targets.len(), place, item, font, pad);
        targets.push(Target {
            area: place,
            action: item.action,
        });
        y += row;
    }
    if let Some(hint) = hint {
        let at = (area.x + measure.px(4) + pad, y + row / 2);
        layer.text(at, small, theme::QUIET, hint);
    }
    layer
}
