/** What generated products are made of: enough different words that a search has something to tell apart. */

export const shelves: Readonly<Record<string, readonly string[]>> = {
  'Audio > Headphones': ['Headphones', 'Earphones', 'Headset'],
  'Audio > Speakers': ['Speaker', 'Soundbar', 'Subwoofer', 'Radio'],
  'Audio > Studio': ['Microphone', 'Mixer', 'Turntable'],
  'Home > Furniture': ['Chair', 'Armchair', 'Sofa', 'Desk', 'Bookcase', 'Sideboard', 'Stool', 'Wardrobe'],
  'Home > Lighting': ['Lamp', 'Lantern', 'Chandelier', 'Spotlight', 'Lampshade'],
  'Home > Textiles': ['Blanket', 'Cushion', 'Curtain', 'Carpet', 'Towel', 'Duvet'],
  'Kitchen > Cookware': ['Saucepan', 'Skillet', 'Casserole', 'Wok', 'Kettle', 'Roaster'],
  'Kitchen > Knives': ['Knife', 'Cleaver', 'Peeler', 'Scissors'],
  'Kitchen > Coffee': ['Grinder', 'Teapot', 'Mug', 'Espresso Machine', 'Carafe', 'Thermos'],
  'Outdoor > Camping': ['Tent', 'Hammock', 'Sleeping Bag', 'Stove', 'Headlamp', 'Tarp'],
  'Outdoor > Packs': ['Backpack', 'Daypack', 'Duffel', 'Pannier'],
  'Outdoor > Clothing': ['Jacket', 'Fleece', 'Trousers', 'Gloves', 'Sweater', 'Socks', 'Beanie'],
  'Sport > Running': ['Running Shoes', 'Singlet', 'Tights', 'Headband'],
  'Sport > Yoga': ['Yoga Mat', 'Bolster', 'Strap', 'Block'],
  'Garden > Tools': ['Spade', 'Trowel', 'Secateurs', 'Rake', 'Watering Can', 'Wheelbarrow'],
  'Office > Paper': ['Notebook', 'Planner', 'Sketchbook', 'Envelope'],
  'Office > Desk': ['Fountain Pen', 'Pencil Case', 'Organiser', 'Stapler', 'Monitor Stand'],
}

export const qualities: readonly string[] = [
  ...['Wireless', 'Folding', 'Portable', 'Insulated', 'Adjustable', 'Compact', 'Lightweight', 'Waterproof'],
  ...[
    'Handmade',
    'Vintage',
    'Modern',
    'Classic',
    'Ergonomic',
    'Reversible',
    'Stackable',
    'Foldable',
    'Noise Cancelling',
  ],
  ...[
    'Rechargeable',
    'Breathable',
    'Seamless',
    'Padded',
    'Quilted',
    'Ribbed',
    'Polished',
    'Brushed',
    'Weatherproof',
  ],
]

export const materials: readonly string[] = [
  ...[
    'Oak',
    'Walnut',
    'Bamboo',
    'Steel',
    'Copper',
    'Brass',
    'Cotton',
    'Linen',
    'Merino',
    'Leather',
    'Canvas',
    'Cork',
  ],
  ...[
    'Ceramic',
    'Porcelain',
    'Enamel',
    'Glass',
    'Marble',
    'Rattan',
    'Velvet',
    'Titanium',
    'Aluminium',
    'Recycled Nylon',
  ],
]

export const colours: readonly string[] = [
  ...[
    'Black',
    'White',
    'Grey',
    'Navy',
    'Moss',
    'Rust',
    'Sand',
    'Ochre',
    'Crimson',
    'Teal',
    'Lavender',
    'Charcoal',
  ],
]

export const sizes: readonly string[] = ['XS', 'S', 'M', 'L', 'XL', 'XXL']

export const purposes: readonly string[] = [
  ...[
    'mornings that begin early',
    'small flats',
    'long weekends',
    'people who repair things',
    'rainy commutes',
  ],
  ...['students', 'big families', 'quiet evenings', 'the balcony', 'travelling light', 'open-plan offices'],
  ...[
    'studios and stages',
    'winter walks',
    'summer kitchens',
    'beginners',
    'professionals',
    'left-handed people',
  ],
]

export const promises: readonly string[] = [
  ...['Every part can be bought again', 'Guaranteed for ten years', 'Made in a workshop of eleven people'],
  ...[
    'Washes at thirty degrees',
    'Tested in the Alps',
    'Packed without plastic',
    'Comes with spare screws and a key',
  ],
  ...[
    'Certified by people who look twice',
    'Dries overnight',
    'Sharpens on any stone',
    'Weighs less than it looks',
  ],
]

export const syllables: readonly string[] = [
  ...[
    'al',
    'bor',
    'cal',
    'dun',
    'el',
    'fen',
    'gar',
    'hel',
    'is',
    'jor',
    'kel',
    'lum',
    'mar',
    'nor',
    'or',
    'pel',
  ],
  ...[
    'quin',
    'ros',
    'sel',
    'tor',
    'ul',
    'ver',
    'wel',
    'yar',
    'zen',
    'brae',
    'clo',
    'dra',
    'fjel',
    'gly',
    'ska',
    'tre',
  ],
]
