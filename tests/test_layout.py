"""Where words stand says what they mean."""

from index.layout import layout_text, order_lines, plain_words
from index.marks import Mark
from index.pictures import Line

SIZE = (900, 700)


def at(x: int, y: int, text: str, height: int = 16, score: float = 0.99) -> Line:
    """A line of words as the reader would box it, eight pixels a letter at sixteen pixels high."""
    return Line(text, (x, y, x + round(len(text) * height / 2), y + height), score)


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_label_and_value_on_one_row_become_a_pair():
    lines = [at(40, 40, "Order"), at(400, 41, "W2204817"), at(40, 80, "Status:"), at(400, 79, "Shipped")]
    assert layout_text(lines, SIZE) == "Order: W2204817\nStatus: Shipped"


def test_right_aligned_values_belong_to_their_labels():
    lines = [at(40, 40, "Subtotal"), at(420, 40, "89.00 EUR"), at(40, 80, "Delivery"), at(428, 80, "4.90 EUR")]
    assert layout_text(lines, SIZE) == "Subtotal: 89.00 EUR\nDelivery: 4.90 EUR"


def test_value_under_its_label_becomes_a_pair():
    lines = [
        at(40, 40, "Firmware", 13),
        at(40, 58, "4.2.1"),
        at(40, 110, "Serial number", 13),
        at(40, 128, "WH2-00917"),
    ]
    assert layout_text(lines, SIZE) == "Firmware: 4.2.1\nSerial number: WH2-00917"


def test_labels_side_by_side_take_the_value_under_each():
    lines = [
        *(at(x, 40, text, 13) for x, text in ((40, "Carrier"), (300, "Tracking"), (600, "Status"))),
        *(at(x, 60, text) for x, text in ((40, "Postbote"), (300, "PB11"), (600, "In transit"))),
    ]
    assert layout_text(lines, SIZE) == "Carrier: Postbote\nTracking: PB11\nStatus: In transit"


def test_table_rows_stay_together():
    header = [at(40, 40, "Item"), at(300, 40, "Qty"), at(500, 40, "Price")]
    first = [at(40, 90, "Wren Hub 2"), at(306, 91, "1"), at(500, 90, "89.00 EUR")]
    second = [at(40, 140, "Wren Plug Mini"), at(306, 140, "2"), at(500, 140, "39.80 EUR")]
    shuffled = [second[2], *header[::-1], first[1], second[0], first[0], second[1], first[2]]
    expected = "Item | Qty | Price\nWren Hub 2 | 1 | 89.00 EUR\nWren Plug Mini | 2 | 39.80 EUR"
    assert layout_text(shuffled, SIZE) == expected


def test_an_empty_cell_keeps_its_place_in_the_table():
    lines = [at(40, 40, "Date"), at(300, 40, "Place"), at(600, 40, "Event")]
    lines += [at(40, 80, "2 May"), at(300, 80, "Bremen"), at(600, 80, "Scanned")]
    lines += [at(40, 120, "3 May"), at(600, 120, "Delayed")]
    assert layout_text(lines, SIZE).splitlines()[-1] == "3 May |  | Delayed"


def test_two_columns_of_text_are_read_one_after_the_other():
    left = [at(40, 40 + 24 * row, f"left column sentence number {row}") for row in range(5)]
    right = [at(500, 40 + 24 * row, f"right column sentence number {row}") for row in range(5)]
    mixed = [line for pair in zip(left, right, strict=True) for line in pair]
    assert texts(order_lines(mixed, SIZE)) == texts(left + right)


def test_a_menu_beside_a_page_is_not_mixed_into_it():
    menu = [at(20, 40 + 44 * row, name) for row, name in enumerate(("Profile", "Orders", "Cloud+", "Privacy"))]
    page = [at(300, 60 + 31 * row, f"Something about the order, part {row}") for row in range(6)]
    assert texts(order_lines([*page, *menu], SIZE)) == texts(menu + page)


def test_a_form_is_read_row_by_row_though_a_gutter_runs_through_it():
    rows = [("Name", "Olga Brown"), ("City", "Bremen"), ("Plan", "Cloud+"), ("Renews", "2 May")]
    lines = [at(x, 40 + 30 * i, row[j]) for i, row in enumerate(rows) for j, x in enumerate((40, 400))]
    assert texts(order_lines(lines[::-1], SIZE)) == [cell for row in rows for cell in row]


def test_buttons_and_clocks_are_not_labels():
    lines = [at(40, 10, "9:41"), at(800, 10, "LTE 82%"), at(40, 300, "The payment was declined by your bank.")]
    lines += [at(600, 500, "Cancel"), at(720, 500, "Try again")]
    text = layout_text(lines, SIZE)
    assert "9:41 | LTE 82%" in text
    assert "Cancel | Try again" in text


def test_words_split_by_the_reader_are_joined_again():
    assert layout_text([at(40, 40, "Hold reset"), at(126, 41, "for 10 seconds")], SIZE) == "Hold reset for 10 seconds"


def test_the_cap_drops_repeats_first_then_the_least_sure_and_never_cuts_a_line():
    lines = [at(40, 40 + 30 * row, f"A line about order W22048{row:02}.") for row in range(20)]
    lines += [at(40, 700, lines[0].text), at(40, 740, "A smudge that says nothing much.", score=0.5)]
    text = layout_text(lines, (900, 800), limit=600)
    assert len(text) <= 600
    assert "smudge" not in text
    assert set(text.splitlines()) <= {line.text for line in lines}
    assert text.count(lines[0].text) <= 1


def test_nothing_read_is_an_empty_text():
    assert layout_text([], SIZE) == plain_words([]) == ""
    assert order_lines([], SIZE) == []


def test_plain_words_say_each_line_once():
    assert plain_words([at(0, 0, "E-31"), at(0, 30, "Lock jammed"), at(0, 60, "E-31")]) == "E-31 Lock jammed"


def test_the_order_does_not_depend_on_the_order_given():
    lines = [at(40 + 260 * (n % 3), 40 + 40 * (n // 3), f"cell {n}") for n in range(12)]
    assert layout_text(lines, SIZE) == layout_text(lines[::-1], SIZE)


def test_stacked_buttons_and_switches_are_not_pairs():
    switches = [at(40, 100, "Follow my phone"), at(40, 150, "Adjust for summer time")]
    buttons = [at(400, 260, "Test"), at(400, 316, "Save")]
    assert layout_text(switches + buttons, SIZE).splitlines() == [line.text for line in switches + buttons]


def test_buttons_side_by_side_at_the_foot_are_not_a_pair():
    lines = [at(40, 40, "State"), at(40, 62, "Delivered"), at(40, 200, "Invoice (PDF)"), at(190, 200, "Return")]
    assert layout_text(lines, SIZE).splitlines()[-1] == "Invoice (PDF) | Return"


def test_a_wrapped_cell_stays_in_its_row():
    lines = [at(40, 40, "Date"), at(200, 40, "Shop"), at(500, 40, "Amount")]
    lines += [
        at(40, 80, "30 Mar"),
        at(200, 80, "WRENHOUSE"),
        at(500, 80, "74.70"),
        at(200, 101, "SHOP"),
        at(500, 101, "EUR"),
    ]
    lines += [at(40, 140, "28 Mar"), at(200, 140, "Bakery"), at(500, 140, "6.20 EUR")]
    expected = ["Date | Shop | Amount", "30 Mar | WRENHOUSE SHOP | 74.70 EUR", "28 Mar | Bakery | 6.20 EUR"]
    assert layout_text(lines, SIZE).splitlines() == expected


def test_rows_beside_the_entries_of_a_list_stay_rows():
    lines = [at(40, 40, "Display options"), at(300, 40, "Name"), at(600, 40, "Price")]
    lines += [at(40, 62, "menu.xml"), at(300, 62, "Waffles"), at(600, 62, "5.95")]
    for row, (name, price) in enumerate((("Toast", "4.50"), ("Breakfast", "6.95"), ("Juice", "2.10"))):
        lines += [at(300, 84 + 22 * row, name), at(600, 84 + 22 * row, price)]
    assert layout_text(lines, SIZE).splitlines()[2:] == [" | Toast | 4.50", " | Breakfast | 6.95", " | Juice | 2.10"]


def test_cards_side_by_side_give_their_pairs():
    lines = [at(40, 40, "DHCP server"), at(250, 40, "On"), at(450, 40, "Leases in use"), at(700, 40, "20 of 20")]
    assert layout_text(lines, SIZE) == "DHCP server: On\nLeases in use: 20 of 20"


def test_a_tilted_table_keeps_its_rows():
    parts = ["Part", "Wren Hub 2", "Power adapter", "Ethernet cable"]
    lines = [at(40, 40 + 40 * row, part) for row, part in enumerate(parts)]
    lines += [at(500, 47 + 40 * row, text) for row, text in enumerate(("Pieces", "1", "1", "2"))]
    assert [line.text for line in order_lines(lines, SIZE)][:4] == ["Part", "Pieces", "Wren Hub 2", "1"]


def test_cards_side_by_side_with_small_labels_give_their_pairs():
    rows = (("Placed", "Payment", 11), ("28 November 2025", "Pay later 30", 15), ("State", "Total", 11))
    rows += (("Delivered", "148.90 EUR", 15),)
    tops = (40, 52, 84, 96)
    lines = [at(x, y, row[j], row[2]) for row, y in zip(rows, tops, strict=True) for j, x in enumerate((40, 400))]
    expected = "Placed: 28 November 2025\nPayment: Pay later 30\nState: Delivered\nTotal: 148.90 EUR"
    assert layout_text(lines, SIZE) == expected


def test_two_options_with_marks_of_their_own_are_no_pair():
    """Check boxes in two columns look like labels with values; a box before each tells otherwise."""
    lines = [at(40, 20, "Use reactions"), at(300, 20, "Hide tooltips"), at(40, 60, "Show comments"), at(300, 60, "Off")]
    boxes = [Mark("checkbox", (20, 20, 34, 34), "on", label="Use reactions"),
             Mark("checkbox", (280, 20, 294, 34), "off", label="Hide tooltips")]  # fmt: skip
    assert layout_text(lines, SIZE) == "Use reactions: Hide tooltips\nShow comments: Off"
    assert layout_text(lines, SIZE, marks=boxes) == "Use reactions | Hide tooltips\nShow comments: Off"
