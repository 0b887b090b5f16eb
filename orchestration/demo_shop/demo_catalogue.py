"""The demo shop's products: categories, titles, prices, costs.

Some titles carry what real ones do: quotes, accents, an emoji, a semicolon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.demo_shop.random_streams import SHOP, Concern, stream

PRODUCTS_PER_CATEGORY = 15


@dataclass(frozen=True, slots=True)
class _Category:
    name: str
    nouns: tuple[tuple[str, str], ...]
    """(title, subcategory)."""
    median_price: float
    benefit_tags: str
    replenish_days: int | None


_CATEGORIES = (
    _Category(
        "Kitchen",
        (("Kettle", "Tea & coffee"), ('12" Skillet', "Pans"), ("Crème brûlée set", "Baking")),
        45,
        "quality|convenience",
        None,
    ),
    _Category(
        "Beauty",
        (("Day cream", "Skin"), ("Shampoo bar", "Hair"), ("L'eau de rose", "Fragrance")),
        22,
        "health|self_care",
        45,
    ),
    _Category(
        "Outdoor",
        (("Rain jacket", "Clothing"), ("Two-person tent", "Camping"), ("Bottle 0,7 l", "Camping")),
        70,
        "adventure|durability",
        None,
    ),
    _Category(
        "Toys",
        (('Puzzle "World"; 500 pcs', "Puzzles"), ("Wooden train 🚂", "Wood"), ("Kite", "Outside")),
        28,
        "fun|learning",
        None,
    ),
    _Category(
        "Pets",
        (("Cat litter", "Cats"), ("Dog's dinner", "Dogs"), ("Bird feeder", "Birds")),
        18,
        "convenience|health",
        30,
    ),
    _Category(
        "Garden",
        (("Secateurs", "Tools"), ("Tomato seeds", "Seeds"), ("Gießkanne", "Watering")),
        25,
        "sustainability|fun",
        None,
    ),
    _Category(
        "Books",
        (("Cookbook", "Food"), ("Atlas", "Reference"), ("Kinderbuch «Åse»", "Children")),
        16,
        "learning|fun",
        None,
    ),
    _Category(
        "Office",
        (("Notebook A5", "Paper"), ("Desk lamp", "Light"), ("Fountain pen", "Writing")),
        30,
        "quality|learning",
        None,
    ),
)
_BRANDS = ("Alder & Co", "Brooks", "Müller", "Nord", "O'Hara", "Pinecone", "Sol")
_FINISHES = ("Classic", "Compact", "Deluxe", "Natural", "Studio")

CATEGORY_COUNT = len(_CATEGORIES)
CATEGORY_NAMES = tuple(category.name for category in _CATEGORIES)
BRANDS = _BRANDS
GIFT_CARD_PRODUCT = "00900"
"""Sold only by the planted gift-card orders."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products ordered by category, then list price.

    `list_price` and `cost_share` have shape (products,); the products of category c are those
    from `c * PRODUCTS_PER_CATEGORY` on.
    """

    list_price: np.ndarray
    """US dollars, before tax."""
    cost_share: np.ndarray
    """Unit cost as a share of the price."""
    table: pa.Table
    """The contract's `products`."""

    def nearest_product(
        self, category: np.ndarray, price: np.ndarray, offset: np.ndarray
    ) -> np.ndarray:
        """Index of the category's product that costs about `price`, moved `offset` places.

        Args:
            category: category index of each line.
            price: US dollars, same shape.
            offset: whole numbers, same shape; kept inside the category.
        """
        prices = self.list_price.reshape(CATEGORY_COUNT, PRODUCTS_PER_CATEGORY)
        # The number of cheaper products is the place in the category's sorted prices.
        place = (prices[category] < price[:, None]).sum(axis=1) + offset
        return category * PRODUCTS_PER_CATEGORY + np.clip(place, 0, PRODUCTS_PER_CATEGORY - 1)


def category_benefits(benefits: Sequence[str]) -> np.ndarray:
    """Whether each category's products have each benefit, shape (benefits, categories)."""
    return np.array(
        [
            [benefit in category.benefit_tags.split("|") for category in _CATEGORIES]
            for benefit in benefits
        ]
    )


def draw_catalogue(seed: int) -> Catalogue:
    """Products with list prices around each category's median."""
    random = stream(seed, SHOP, Concern.CATALOGUE)
    spread = np.sort(random.normal(0.0, 0.7, (CATEGORY_COUNT, PRODUCTS_PER_CATEGORY)), axis=1)
    medians = np.array([category.median_price for category in _CATEGORIES])
    list_price = np.round(medians[:, None] * np.exp(spread), 2).ravel()
    cost_share = np.round(random.uniform(0.4, 0.65, len(list_price)), 2)
    brands = random.integers(0, len(_BRANDS), len(list_price))
    in_stock = random.random(len(list_price)) < 0.93
    is_active = random.random(len(list_price)) < 0.97
    rows = [_gift_card()]
    for number, price in enumerate(list_price):
        category = _CATEGORIES[number // PRODUCTS_PER_CATEGORY]
        place = number % PRODUCTS_PER_CATEGORY
        noun, subcategory = category.nouns[place % len(category.nouns)]
        replenish_days = category.replenish_days
        rows.append(
            {
                "source_system": "webshop",
                "product_id": product_id(number),
                "title": f"{noun} {_FINISHES[place // len(category.nouns)]}",
                "category": category.name,
                "subcategory": subcategory,
                "brand": _BRANDS[brands[number]],
                "price": f"{price:.2f}",
                "tags": f"{category.name.lower()}|{subcategory.lower()}",
                "benefit_tags": category.benefit_tags,
                "replenish_days": None if replenish_days is None else str(replenish_days),
                "is_active": str(bool(is_active[number])).lower(),
                "in_stock": str(bool(in_stock[number])).lower(),
            }
        )
    schema = pa.schema([(name, pa.string()) for name in rows[0]])
    return Catalogue(list_price, cost_share, pa.Table.from_pylist(rows, schema=schema))


def product_id(number: int) -> str:
    """The shop's id of the product with this index: text with leading zeros."""
    return f"{number + 1:05d}"


def _gift_card() -> dict[str, str | None]:
    return {
        "source_system": "webshop",
        "product_id": GIFT_CARD_PRODUCT,
        "title": 'Gift card "Für dich"',
        "category": "Gift cards",
        "subcategory": None,
        "brand": None,
        "price": "50.00",
        "tags": "gift card",
        "benefit_tags": None,
        "replenish_days": None,
        "is_active": "true",
        "in_stock": "true",
    }
